"""A trained model tried on a labelled table, on the spot: the exported graphs and calibrations, as Weir uses them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from .calibration import Calibration, Tail, combined
from .feature_lists import feature_list, features_sha256
from .measures import area_under_roc, rate_interval, recall_by_class
from .rows import BENIGN, Rows


@dataclass(frozen=True)
class Shipped:
    """A model of a registry; a fusion has members and no graph."""

    calibration: Calibration
    graph: Path | None
    members: list["Shipped"]
    combine: str

    def score(self, features: np.ndarray) -> np.ndarray:
        if self.graph:
            session = onnxruntime.InferenceSession(self.graph.read_bytes())
            return session.run(["score"], {"features": features})[0]
        return combined([one.calibration.tail_probability(one.score(features)) for one in self.members], self.combine)


def shipped(registry: Path, name: str, list_name: str) -> Shipped:
    """Raises ValueError for a model of other features, OSError where it is not there."""
    manifest = json.loads((registry / name / "manifest.json").read_text(encoding="utf-8"))
    if manifest["featuresSha256"] != features_sha256(feature_list(list_name)):
        raise ValueError(f'model "{name}" scores rows of {manifest["list"]}, and not these of {list_name}. Choose one of {list_name}-*.')
    members = [shipped(registry, one, list_name) for one in manifest.get("members", [])]
    graph = None if members else registry / name / "model.onnx"
    return Shipped(_calibration(manifest["calibration"]), graph, members, manifest.get("combine", "mean"))


def _calibration(told: dict) -> Calibration:
    tail = Tail(**told["tail"])
    return Calibration(told["rows"], np.array(told["quantiles"]), tail)


def tried(model: Shipped, rows: Rows, rate: float) -> str:
    """As text: found by class, false alarms, area under ROC. Raises ValueError for a table without benign rows or attacks."""
    benign = rows.label == BENIGN
    if benign.all() or not benign.any():
        raise ValueError("nothing to compare: the table needs benign rows and rows labelled as attacks.")
    scores = model.score(rows.features)
    alarms = model.calibration.tail_probability(scores) <= rate
    found = recall_by_class(alarms[~benign], rows.label[~benign])
    low, high = rate_interval(alarms[benign])
    lines = [f"{name:32} {int((rows.label == name).sum()):8,} rows {share:8.3f} found" for name, share in found.items()]
    mean, area = np.mean(list(found.values())), area_under_roc(scores[benign], scores[~benign])
    false = f"{alarms[benign].mean():.4f} false alarms a benign row (95 %: {low:.4f} to {high:.4f}; wanted: {rate:g})"
    return "\n".join([*lines, f"Mean of classes: {mean:.3f} found, {false}, area under ROC {area:.3f}."])
