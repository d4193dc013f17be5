"""Gradient boosting on known attacks. Score: the raw margin (log-odds), which keeps its order where probability is all 1."""

from dataclasses import dataclass

import numpy as np
import onnx
from sklearn.ensemble import HistGradientBoostingClassifier

from ..graph import GraphBuilder, Trees
from ..graph.trees import Tree
from ..preprocessing import Filler, fit_filler
from ..settings import Settings


@dataclass(frozen=True)
class Boosting:
    filler: Filler
    sklearn: HistGradientBoostingClassifier

    @property
    def medians(self) -> np.ndarray:
        return self.filler.medians

    def score(self, features: np.ndarray) -> np.ndarray:
        return self.sklearn.decision_function(self.filler.apply(features))

    def onnx(self) -> onnx.ModelProto:
        graph = GraphBuilder(len(self.medians))
        trees = Trees()
        for (predictor,) in self.sklearn._predictors:
            trees.add_tree(_tree(predictor.nodes))
        base = float(self.sklearn._baseline_prediction.ravel()[0])
        margin = trees.into(graph, self.filler.into(graph), base)
        graph.output(graph.add("Squeeze", margin, graph.indices([1]), name="score"))
        return graph.model()


def fit_boosting(benign: np.ndarray, attacks: np.ndarray, settings: Settings) -> Boosting:
    """Both sides weigh the same in sum. Raises ValueError without attack rows."""
    if len(attacks) == 0:
        raise ValueError("boosting learns from attacks, and no row is labelled as one. Give labelled rows, or leave it out.")
    chosen = settings.boosting
    filler = fit_filler(benign)
    weights = np.concatenate([np.full(len(benign), 1 / len(benign)), np.full(len(attacks), 1 / len(attacks))])
    trees = HistGradientBoostingClassifier(
        max_iter=chosen.trees,
        max_leaf_nodes=chosen.leaves,
        learning_rate=chosen.learning_rate,
        l2_regularization=chosen.l2,
        max_features=chosen.feature_share,
        early_stopping=False,
        random_state=settings.seed,
    )
    rows = filler.apply(np.concatenate([benign, attacks]))
    known = np.repeat([0, 1], [len(benign), len(attacks)])
    return Boosting(filler, trees.fit(rows, known, sample_weight=weights * len(known) / 2))


def _tree(nodes: np.ndarray) -> Tree:
    return Tree(
        feature=nodes["feature_idx"].astype(int),
        threshold=nodes["num_threshold"],
        left=nodes["left"].astype(int),
        right=nodes["right"].astype(int),
        leaf=nodes["is_leaf"].astype(bool),
        value=nodes["value"],
    )
