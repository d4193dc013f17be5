"""Against a server that answers as MLflow does; and, where the program `mlflow` is named by WEIR_MLFLOW, against MLflow itself."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from weir_models.mlflow_server import MlflowServer, log_and_register, server_from_environment
from weir_models.settings import Settings, parameters_of

REGISTRY = Path(__file__).parents[1] / "registry"
MLFLOW = shutil.which(os.environ.get("WEIR_MLFLOW", "mlflow"))


class Fake(BaseHTTPRequestHandler):
    """Keeps what it is sent. The experiment is there already; names and versions are counted."""

    def do_POST(self):
        path = self.path.removeprefix("/api/2.0/mlflow")
        body = json.loads(self._body())
        self.server.calls.append((path, body))
        if path == "/experiments/create":
            return self._answer(400, {"error_code": "RESOURCE_ALREADY_EXISTS"})
        if path == "/runs/create":
            info = {"run_id": "r1", "artifact_uri": self.server.artifacts}
            return self._answer(200, {"run": {"info": info}})
        return self._answer(200, {"model_version": {"version": "3"}})

    def do_GET(self):
        self._answer(200, {"experiment": {"experiment_id": "7"}})

    def do_PUT(self):
        self.server.files[self.path.removeprefix("/api/2.0/mlflow-artifacts/artifacts/")] = self._body()
        self._answer(200, {})

    def _body(self) -> bytes:
        self.server.tokens.add(self.headers.get("Authorization"))
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _answer(self, code: int, body: dict):
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def fake():
    server = HTTPServer(("127.0.0.1", 0), Fake)
    server.calls, server.files, server.tokens = [], {}, set()
    server.artifacts = "mlflow-artifacts:/7/r1/artifacts"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address(fake) -> str:
    return f"http://127.0.0.1:{fake.server_port}/"


def test_a_run_is_logged_with_settings_figures_and_files_and_its_model_registered(fake):
    folder = REGISTRY / "flow-cluster"
    server = MlflowServer(address(fake), "secret")
    assert log_and_register(server, folder, {"recall": 0.5, "recallByClass": {}}, parameters_of(Settings())) == 3
    calls = dict(fake.calls)
    assert [(one["key"], one["value"]) for one in calls["/runs/log-batch"]["metrics"]] == [("recall", 0.5)]
    assert {"key": "boosting.trees", "value": "25"} in calls["/runs/log-batch"]["params"]
    assert calls["/model-versions/create"] == {"name": "flow-cluster", "source": "mlflow-artifacts:/7/r1/artifacts/model", "run_id": "r1"}
    assert fake.files["7/r1/artifacts/model/model.onnx"] == (folder / "model.onnx").read_bytes()
    assert fake.tokens == {"Bearer secret"}


def test_a_server_that_keeps_artifacts_elsewhere_is_refused(fake):
    fake.artifacts = "s3://bucket/7"
    with pytest.raises(OSError, match="--serve-artifacts"):
        log_and_register(MlflowServer(address(fake)), REGISTRY / "flow-cluster", {}, {})


def test_without_a_server_the_message_says_what_to_do():
    with pytest.raises(OSError, match="unset MLFLOW_TRACKING_URI"):
        MlflowServer("http://127.0.0.1:1").get("/experiments/get-by-name", {})


def test_the_environment_names_the_server(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert server_from_environment() is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://somewhere:5000")
    assert server_from_environment() == MlflowServer("http://somewhere:5000", "")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def mlflow(tmp_path):
    """A real server; its program needs an environment of its own."""
    port = _free_port()
    store = ["--backend-store-uri", f"sqlite:///{tmp_path}/db", "--artifacts-destination", str(tmp_path / "artifacts")]
    command = [MLFLOW, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", *store]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    uri = f"http://127.0.0.1:{port}"
    try:
        _until_healthy(uri, process)
        yield uri
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def _until_healthy(uri: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{uri}/health", timeout=5)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("mlflow server did not start")


@pytest.mark.skipif(MLFLOW is None, reason="no program mlflow; name it by WEIR_MLFLOW")
def test_mlflow_itself_takes_models_and_gives_them_back(mlflow, tmp_path):
    server = MlflowServer(mlflow)
    folder = REGISTRY / "flow-cluster"
    assert [log_and_register(server, folder, {"recall": 0.5}, {"seed": 1}) for _ in range(2)] == [1, 2]
    stage = {"name": folder.name, "version": "1", "stage": "Production", "archive_existing_versions": False}
    server.post("/model-versions/transition-stage", stage)
    (tmp_path / "pulled").mkdir()
    weir = [os.environ.get("WEIR_NODE", "node"), str(REGISTRY.parents[1] / "cli" / "bin" / "weir.js")]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": mlflow}
    for wanted, version in (([], "2"), (["Production"], "1")):
        command = [*weir, "models", "pull", folder.name, *wanted, "--registry", str(tmp_path / "pulled")]
        told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert f"{folder.name} version {version}" in told.stdout, told.stderr
        pulled = tmp_path / "pulled" / folder.name / "model.onnx"
        assert pulled.read_bytes() == (folder / "model.onnx").read_bytes()
