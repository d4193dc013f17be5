"""Writes `registry/<id>/{model.onnx, manifest.json, report.md}`, and fixtures that hold Node and Python equal."""

import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import sklearn

from .calibration import DECIMALS, Calibration
from .feature_lists import feature_groups, feature_list, features_sha256
from .graph import OPSET
from .settings import Settings
from .training import Trained
from .training_set import TrainingSet

_FIXTURE_ROWS = 64
#: Float32 in another order of adding: scores may differ by this much before rounding.
TOLERANCE = 1e-4


def model_id(list_name: str, kind: str) -> str:
    return f"{list_name}-{kind}"


def write_model(folder: Path, trained: Trained, data: TrainingSet, settings: Settings, metrics: dict) -> Path:
    """Writes one model's folder and gives its path. Equal input gives equal bytes."""
    target = folder / model_id(data.list_name, trained.kind)
    target.mkdir(parents=True, exist_ok=True)
    manifest = manifest_of(trained, data, settings) | {"metrics": metrics}
    if trained.model:
        content = trained.model.onnx().SerializeToString(deterministic=True)
        (target / "model.onnx").write_bytes(content)
        manifest["digest"] = {"modelSha256": hashlib.sha256(content).hexdigest()}
    (target / "manifest.json").write_text(to_json(manifest), encoding="utf-8")
    return target


def models_in_use(registry: Path) -> list[str]:
    """What is used when nothing is said; none where no one has chosen yet."""
    path = registry / "default.json"
    return json.loads(path.read_text(encoding="utf-8"))["use"] if path.exists() else []


def write_use(registry: Path, models: list[str]) -> None:
    (registry / "default.json").write_text(json.dumps({"use": sorted(models)}, indent=2) + "\n", encoding="utf-8")


def list_of(registry: Path, model: str) -> str | None:
    """The feature list that a model of a registry scores; None where it is not there."""
    path = registry / model / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8"))["list"] if path.exists() else None


def manifest_of(trained: Trained, data: TrainingSet, settings: Settings) -> dict:
    features = feature_list(data.list_name)
    manifest = {
        "version": 1,
        "id": model_id(data.list_name, trained.kind),
        "kind": trained.kind,
        "list": data.list_name,
        "features": [{"name": feature.name, "unit": feature.unit} for feature in features],
        "featuresSha256": features_sha256(features),
        "scores": "higher-is-stranger",
        "calibration": calibration_json(trained.calibration) | {"cells": trained.cells},
        "data": data.data,
        "versions": _versions(),
        "seeds": {"all": settings.seed},
    }
    return manifest | (_graph_json(trained, data) if trained.model else _fusion_json(trained, data))


def _graph_json(trained: Trained, data: TrainingSet) -> dict:
    graph = {
        "input": "features",
        "output": "score",
        "opset": {domain or "ai.onnx": version for domain, version in OPSET.items()},
        "benignMedians": [float(value) for value in trained.model.medians],
        "featureGroups": feature_groups(data.list_name),
    }
    return graph | ({"errorsOutput": "featureErrors"} if trained.kind == "autoencoder" else {})


def _fusion_json(trained: Trained, data: TrainingSet) -> dict:
    return {"members": [model_id(data.list_name, kind) for kind in trained.members], "combine": trained.combine}


def calibration_json(calibration: Calibration) -> dict:
    tail = calibration.tail
    return {
        "rows": calibration.rows,
        "quantiles": [[float(quantile), float(score)] for quantile, score in calibration.quantiles],
        "tail": {"threshold": tail.threshold, "shape": tail.shape, "scale": tail.scale, "share": tail.share},
        "smallestRate": calibration.smallest_rate,
    }


def _versions() -> dict[str, str]:
    libraries = {"numpy": np, "onnx": onnx, "onnxruntime": onnxruntime, "scikit-learn": sklearn}
    return {"python": platform.python_version()} | {name: module.__version__ for name, module in libraries.items()}


def to_json(value) -> str:
    """Compact, but each top-level name on its own line; numbers with at most nine digits."""
    text = lambda one: json.dumps(_rounded(one), ensure_ascii=False, allow_nan=False)
    return "{\n" + ",\n".join(f"  {text(name)}: {text(one)}" for name, one in value.items()) + "\n}\n"


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def write_fixture(path: Path, trained: Trained, data: TrainingSet, settings: Settings) -> None:
    """64 rows with the scores that any runtime must give. Some values are untold, as they are in flow tables."""
    rows = fixture_rows(data, settings.seed)
    scores = trained.model.score(rows)
    cells = [[None if np.isnan(value) else float(value) for value in row] for row in rows]
    fixture = {"id": model_id(data.list_name, trained.kind), "rows": cells, "scores": scores.tolist(), "tolerance": TOLERANCE}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_json(fixture), encoding="utf-8")


def fixture_rows(data: TrainingSet, seed: int) -> np.ndarray:
    """Made-up rows: each value is drawn from its column on its own, so that no row of the data is shown."""
    everything = np.concatenate([data.benign.features, data.attacks.features])
    random = np.random.default_rng(seed)
    picks = random.integers(len(everything), size=(_FIXTURE_ROWS, everything.shape[1]))
    rows = np.take_along_axis(everything, picks, axis=0)
    rows[random.random(rows.shape) < 0.05] = np.nan
    return np.array([[float(f"{value:.9g}") for value in row] for row in rows], dtype=np.float32)


def rounded_scores(scores: np.ndarray) -> np.ndarray:
    """As every reader of scores must round them, so that batches of any size agree."""
    return np.round(scores.astype(float), DECIMALS)
