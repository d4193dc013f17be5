"""Isolation forest (Liu, Ting and Zhou 2008): what is alone after few random cuts is strange. Score in (0, 1)."""

from dataclasses import dataclass

import numpy as np
import onnx
from sklearn.ensemble import IsolationForest

from ..graph import GraphBuilder, Trees
from ..graph.trees import Tree
from ..preprocessing import Filler, fit_filler
from ..settings import Settings


@dataclass(frozen=True)
class Forest:
    """The fitted forest. `score` is scikit-learn's, with the sign turned."""

    filler: Filler
    sklearn: IsolationForest

    @property
    def medians(self) -> np.ndarray:
        return self.filler.medians

    def score(self, features: np.ndarray) -> np.ndarray:
        return -self.sklearn.score_samples(self.filler.apply(features))

    def onnx(self) -> onnx.ModelProto:
        """Mean path length E as a sum over the trees, then 2^(−E/c)."""
        graph = GraphBuilder(len(self.medians))
        trees = Trees()
        for estimator in self.sklearn.estimators_:
            trees.add_tree(_path_lengths(estimator.tree_, len(self.sklearn.estimators_)))
        mean_path = trees.into(graph, self.filler.into(graph), base=0.0)
        usual = average_path(np.array([self.sklearn.max_samples_]))[0]
        share = graph.add("Mul", mean_path, graph.constant(-1 / usual))
        score = graph.add("Pow", graph.constant(2), share)
        graph.output(graph.add("Squeeze", score, graph.indices([1]), name="score"))
        return graph.model()


def fit_forest(benign: np.ndarray, _attacks: np.ndarray, settings: Settings) -> Forest:
    chosen = settings.isolation_forest
    filler = fit_filler(benign)
    forest = IsolationForest(
        n_estimators=chosen.trees,
        max_samples=min(chosen.samples_per_tree, len(benign)),
        random_state=settings.seed,
        n_jobs=1,
    )
    return Forest(filler, forest.fit(filler.apply(benign)))


def average_path(samples: np.ndarray) -> np.ndarray:
    """c(n): mean path length of an unsuccessful search in a binary tree of n samples; 0 for one, 1 for two."""
    samples = samples.astype(float)
    safe = np.maximum(samples, 3)
    many = 2 * (np.log(safe - 1) + np.euler_gamma) - 2 * (safe - 1) / safe
    return np.select([samples <= 1, samples == 2], [0.0, 1.0], many)


def _path_lengths(tree, tree_count: int) -> Tree:
    """A scikit-learn tree whose leaves hold depth + c(samples in the leaf), as a share of all trees."""
    leaf = tree.children_left < 0
    depth = np.zeros(tree.node_count)
    for node in np.flatnonzero(~leaf):
        depth[[tree.children_left[node], tree.children_right[node]]] = depth[node] + 1
    value = (depth + average_path(tree.n_node_samples)) / tree_count
    return Tree(tree.feature, tree.threshold, tree.children_left, tree.children_right, leaf, value)
