"""Autoencoder: what a narrow network, trained on benign rows alone, cannot draw again is strange.

Score: ln(1 + mean of the features' squared errors, each in units of its benign mean, each at most LARGEST_ERROR).
"""

import warnings
from dataclasses import dataclass

import numpy as np
import onnx
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from ..graph import GraphBuilder
from ..preprocessing import Standardiser, fit_standardiser
from ..settings import Settings

#: One feature alone counts for at most this many times its benign error.
LARGEST_ERROR = np.float32(1000)
#: Features that are drawn again almost perfectly are still allowed this squared error (standardised).
_SMALLEST_ERROR = 0.01
_BATCH_ROWS = 256


@dataclass(frozen=True)
class Autoencoder:
    standardiser: Standardiser
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    benign_error: np.ndarray

    @property
    def medians(self) -> np.ndarray:
        return self.standardiser.filler.medians

    def feature_errors(self, features: np.ndarray) -> np.ndarray:
        """[n, F]: squared error of each feature, 1 is the benign mean."""
        wanted = self.standardiser.apply(features)
        error = (_forward(wanted, self.weights, self.biases) - wanted) ** 2 / self.benign_error
        return np.minimum(error, LARGEST_ERROR)

    def score(self, features: np.ndarray) -> np.ndarray:
        return np.log(1 + self.feature_errors(features).mean(axis=1))

    def onnx(self) -> onnx.ModelProto:
        """Besides the score, the errors of the features are an output: they explain it."""
        width = len(self.medians)
        graph = GraphBuilder(width)
        wanted = self.standardiser.into(graph)
        difference = graph.add("Sub", self._forward_in(graph, wanted), wanted)
        relative = graph.add("Div", graph.add("Mul", difference, difference), graph.constant(self.benign_error))
        errors = graph.add("Min", relative, graph.constant(LARGEST_ERROR), name="featureErrors")
        mean = graph.add("ReduceMean", errors, axes=[1], keepdims=0)
        graph.output(graph.add("Log", graph.add("Add", mean, graph.constant(1)), name="score"))
        graph.output(errors, width)
        return graph.model()

    def _forward_in(self, graph: GraphBuilder, value: str) -> str:
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            value = graph.add("Gemm", value, graph.constant(weight), graph.constant(bias))
            value = value if layer == last else graph.add("Tanh", value)
        return value


def fit_autoencoder(benign: np.ndarray, _attacks: np.ndarray, settings: Settings) -> Autoencoder:
    chosen = settings.autoencoder
    standardiser = fit_standardiser(benign)
    rows = standardiser.apply(benign)
    network = MLPRegressor(
        hidden_layer_sizes=(chosen.outer_units, chosen.inner_units, chosen.outer_units),
        activation="tanh",
        alpha=chosen.l2,
        max_iter=chosen.epochs,
        batch_size=min(_BATCH_ROWS, len(rows)),
        random_state=settings.seed,
    )
    with warnings.catch_warnings():
        # The number of epochs is chosen, so stopping at it is no news.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(rows, rows)
    weights = [weight.astype(np.float32) for weight in network.coefs_]
    biases = [bias.astype(np.float32) for bias in network.intercepts_]
    error = ((_forward(rows, weights, biases) - rows) ** 2).mean(axis=0)
    return Autoencoder(standardiser, weights, biases, np.maximum(error, _SMALLEST_ERROR).astype(np.float32))


def _forward(rows: np.ndarray, weights: list[np.ndarray], biases: list[np.ndarray]) -> np.ndarray:
    value = rows
    for layer, (weight, bias) in enumerate(zip(weights, biases)):
        value = value @ weight + bias
        value = value if layer == len(weights) - 1 else np.tanh(value)
    return value
