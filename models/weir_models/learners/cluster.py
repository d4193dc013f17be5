"""Distance to the nearest of the clusters that benign rows form (k-means).

Score: ln(1 + mean over features of the squared distance, standardised). Without a root, rounding near 0 stays small.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from sklearn.cluster import KMeans

from ..graph import GraphBuilder
from ..preprocessing import Standardiser, fit_standardiser
from ..settings import Settings


@dataclass(frozen=True)
class Clusters:
    standardiser: Standardiser
    centres: np.ndarray

    @property
    def medians(self) -> np.ndarray:
        return self.standardiser.filler.medians

    def score(self, features: np.ndarray) -> np.ndarray:
        rows = self.standardiser.apply(features)
        nearest = np.min([((rows - centre) ** 2).mean(axis=1) for centre in self.centres], axis=0)
        return np.log1p(nearest)

    def onnx(self) -> onnx.ModelProto:
        """Squared distances as |x|² − 2 x·c + |c|²: one matrix product for all centres."""
        graph = GraphBuilder(len(self.medians))
        rows = self.standardiser.into(graph)
        own = graph.add("ReduceSumSquare", rows, axes=[1], keepdims=1)
        product = graph.add("Gemm", rows, graph.constant(-2 * self.centres.T), graph.constant((self.centres**2).sum(axis=1)))
        nearest = graph.add("ReduceMin", graph.add("Add", own, product), axes=[1], keepdims=0)
        mean = graph.add("Mul", graph.add("Max", nearest, graph.constant(0)), graph.constant(1 / len(self.medians)))
        graph.output(graph.add("Log", graph.add("Add", mean, graph.constant(1)), name="score"))
        return graph.model()


def fit_cluster(benign: np.ndarray, _attacks: np.ndarray, settings: Settings) -> Clusters:
    standardiser = fit_standardiser(benign)
    clusters = min(settings.cluster.clusters, len(benign))
    means = KMeans(n_clusters=clusters, n_init=3, random_state=settings.seed).fit(standardiser.apply(benign))
    return Clusters(standardiser, means.cluster_centers_.astype(np.float32))
