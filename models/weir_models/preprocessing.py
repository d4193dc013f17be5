"""What is done to features before a model sees them, in numpy and, equal to it, inside the graph."""

from dataclasses import dataclass

import numpy as np

from .graph import GraphBuilder

#: Standardised features are held within this many scales of the benign centre.
LIMIT = np.float32(6)
#: Shares and flags that hardly ever change in benign rows still get this scale.
_SMALLEST_SCALE = 0.05


@dataclass(frozen=True)
class Filler:
    """Puts the benign median where a value is not told, and where a feature never was in training: that one is ignored."""

    medians: np.ndarray
    ignored: np.ndarray

    def apply(self, features: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(features) | self.ignored, self.medians, features).astype(np.float32)

    def into(self, graph: GraphBuilder) -> str:
        untold = graph.add("IsNaN", "features")
        if self.ignored.any():
            untold = graph.add("Or", untold, graph.flags(self.ignored))
        return graph.add("Where", untold, graph.constant(self.medians), "features")


def fit_filler(benign: np.ndarray) -> Filler:
    """Medians of what is told of each feature; 0 for features that are ignored."""
    ignored = np.isnan(benign).all(axis=0)
    medians = np.zeros(benign.shape[1], dtype=np.float32)
    medians[~ignored] = np.nanmedian(benign[:, ~ignored], axis=0)
    return Filler(medians, ignored)


@dataclass(frozen=True)
class Standardiser:
    """x → clip((sign(x)·ln(1 + |x|) − centre) / scale): sizes and times spread over decades."""

    filler: Filler
    centre: np.ndarray
    scale: np.ndarray

    def apply(self, features: np.ndarray) -> np.ndarray:
        logs = _signed_log(self.filler.apply(features))
        return np.clip((logs - self.centre) / self.scale, -LIMIT, LIMIT)

    def into(self, graph: GraphBuilder) -> str:
        known = self.filler.into(graph)
        size = graph.add("Log", graph.add("Add", graph.add("Abs", known), graph.constant(1)))
        signed = graph.add("Mul", graph.add("Sign", known), size)
        centred = graph.add("Sub", signed, graph.constant(self.centre))
        scaled = graph.add("Div", centred, graph.constant(self.scale))
        return graph.add("Clip", scaled, graph.constant(-LIMIT), graph.constant(LIMIT))


def fit_standardiser(benign: np.ndarray) -> Standardiser:
    """Centre and scale are mean and standard deviation of the benign rows after the logarithm."""
    filler = fit_filler(benign)
    logs = _signed_log(filler.apply(benign))
    scale = np.maximum(logs.std(axis=0), _SMALLEST_SCALE)
    return Standardiser(filler, logs.mean(axis=0).astype(np.float32), scale.astype(np.float32))


def _signed_log(values: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log(1 + np.abs(values), dtype=np.float32)
