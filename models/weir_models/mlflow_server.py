"""MLflow as a registry: logs a training run to a tracking server and registers its models there, over its REST interface.

Used when MLFLOW_TRACKING_URI is set. MLFLOW_TRACKING_TOKEN, if set, is sent as a bearer token.
"""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

EXPERIMENT = "weir"
_API = "/api/2.0/mlflow"
_ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"
_PATIENCE_S = 60
#: MLflow takes at most so many of each in one call.
_MOST_METRICS = 1000
_MOST_PARAMETERS = 100


@dataclass(frozen=True)
class MlflowServer:
    """A tracking server that serves artifacts itself (`mlflow server` as it comes). Calls raise OSError saying what failed."""

    uri: str
    token: str = ""

    def post(self, path: str, body: dict) -> dict:
        return json.loads(self._send("POST", _API + path, json.dumps(body).encode(), "application/json"))

    def get(self, path: str, query: dict) -> dict:
        return json.loads(self._send("GET", f"{_API}{path}?{urllib.parse.urlencode(query)}"))

    def upload(self, path: str, file: Path) -> None:
        self._send("PUT", _ARTIFACTS + urllib.parse.quote(path), file.read_bytes(), "application/octet-stream")

    def _send(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        headers = {"Content-Type": kind} if kind else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.uri.rstrip("/") + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            told = error.read().decode(errors="replace")
            raise MlflowError(f"MLflow at {self.uri} refuses {method} {path}: {error.code} {told[:300]}", told) from error
        except OSError as error:
            raise OSError(f"MLflow at {self.uri} cannot be reached ({error}). Start it, or unset MLFLOW_TRACKING_URI.") from error


class MlflowError(OSError):
    """The server answered, and refused. `code` is MLflow's name of the reason."""

    def __init__(self, message: str, answer: str):
        super().__init__(message)
        try:
            self.code = json.loads(answer).get("error_code", "")
        except ValueError:
            self.code = ""


def server_from_environment() -> MlflowServer | None:
    """None where MLFLOW_TRACKING_URI is not set."""
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    return MlflowServer(uri, os.environ.get("MLFLOW_TRACKING_TOKEN", "")) if uri else None


def log_and_register(server: MlflowServer, folder: Path, metrics: dict, parameters: dict) -> int:
    """Logs one model's folder as a run of its own and registers it under the folder's name. Gives its version there."""
    run = _run(server, folder.name)
    numbers = {name: value for name, value in metrics.items() if isinstance(value, (int, float))}
    _log(server, run["run_id"], numbers, parameters)
    model = f"{run['artifact_uri']}/model"
    for file in sorted(folder.iterdir()):
        if file.is_file():
            server.upload(f"{_proxied(model)}/{file.name}", file)
    _ignoring("RESOURCE_ALREADY_EXISTS", lambda: server.post("/registered-models/create", {"name": folder.name}))
    version = server.post("/model-versions/create", {"name": folder.name, "source": model, "run_id": run["run_id"]})
    server.post("/runs/update", {"run_id": run["run_id"], "status": "FINISHED", "end_time": _now_ms()})
    return int(version["model_version"]["version"])


def _run(server: MlflowServer, name: str) -> dict:
    _ignoring("RESOURCE_ALREADY_EXISTS", lambda: server.post("/experiments/create", {"name": EXPERIMENT}))
    found = server.get("/experiments/get-by-name", {"experiment_name": EXPERIMENT})
    body = {"experiment_id": found["experiment"]["experiment_id"], "run_name": name, "start_time": _now_ms()}
    return server.post("/runs/create", body)["run"]["info"]


def _log(server: MlflowServer, run_id: str, metrics: dict, parameters: dict) -> None:
    now = _now_ms()
    told = [{"key": name, "value": float(value), "timestamp": now, "step": 0} for name, value in metrics.items()]
    settings = [{"key": name, "value": str(value)[:500]} for name, value in parameters.items()]
    server.post("/runs/log-batch", {"run_id": run_id, "metrics": told[:_MOST_METRICS], "params": settings[:_MOST_PARAMETERS]})


def _proxied(artifact_uri: str) -> str:
    """Path below the server's own artifact store. Raises OSError for a server that keeps artifacts elsewhere."""
    scheme, _, path = artifact_uri.partition(":")
    if scheme != "mlflow-artifacts":
        raise OSError(f'MLflow keeps its artifacts at "{artifact_uri}". Start it with --serve-artifacts, so that it takes them itself.')
    return path.lstrip("/")


def _ignoring(code: str, call) -> None:
    try:
        call()
    except MlflowError as error:
        if error.code != code:
            raise


def _now_ms() -> int:
    return int(time.time() * 1000)
