"""Gradient boosting on known attacks. Score: the raw margin (log-odds), which keeps its order where probability is all 1."""

from dataclasses import dataclass

import numpy as np
import onnx
from sklearn.ensemble import HistGradientBoostingClassifier

from ..graph import GraphBuilder, Trees
from ..graph.trees import Tree
from ..preprocessing import Filler, fit_filler
from ..settings import BoostingSettings, ContrastSettings, Settings
from .made_up import made_up_rows

#: Different values of a feature that trees are grown on, of each side: as many thresholds as scikit-learn would keep.
_VALUES_OF_A_SIDE = 127


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
    """Raises ValueError without attack rows."""
    if len(attacks) == 0:
        raise ValueError("boosting learns from attacks, and no row is labelled as one. Give labelled rows, or leave it out.")
    return boosted(benign, [(attacks, 1)], settings.boosting, settings.seed)


def fit_guarded_boosting(benign: np.ndarray, attacks: np.ndarray, settings: Settings) -> Boosting:
    """Rows made up of benign ones count as attacks too: so it looks askance at what is like nothing it knows."""
    chosen = settings.guarded_boosting
    made_up = made_up_rows(benign, chosen.changed_share, settings.seed)
    others = [(attacks, 1 - chosen.made_up_share), (made_up, chosen.made_up_share)]
    return boosted(benign, others, chosen, settings.seed)


def boosted(benign: np.ndarray, others: list[tuple[np.ndarray, float]], chosen: BoostingSettings | ContrastSettings, seed: int) -> Boosting:
    """Trees that tell benign rows from others, each (rows, weight in sum). Both sides weigh the same in sum."""
    filler = fit_filler(benign)
    sides = [(benign, 1), *others]
    weights = np.concatenate([np.full(len(rows), weight / len(rows)) for rows, weight in sides])
    trees = HistGradientBoostingClassifier(
        max_iter=chosen.trees,
        max_leaf_nodes=chosen.leaves,
        learning_rate=chosen.learning_rate,
        l2_regularization=chosen.l2,
        max_features=chosen.feature_share,
        early_stopping=False,
        random_state=seed,
    )
    rows = filler.apply(np.concatenate([some for some, _ in sides]))
    is_other = np.arange(len(rows)) >= len(benign)
    rows = np.column_stack([_coarse(column, is_other) for column in rows.T])
    return Boosting(filler, trees.fit(rows, is_other, sample_weight=weights * len(is_other) / 2))


def _coarse(column: np.ndarray, is_other: np.ndarray) -> np.ndarray:
    """Each value as the nearest of the quantiles of both sides.

    Trees split between quantiles in any case, but scikit-learn looks for those of weighted rows one by one, which takes
    twenty times as long as growing the trees.
    """
    if len(np.unique(column)) <= 2 * _VALUES_OF_A_SIDE:
        return column
    shares = np.linspace(0, 1, _VALUES_OF_A_SIDE)
    kept = np.unique(np.concatenate([np.quantile(side, shares, method="nearest") for side in (column[~is_other], column[is_other])]))
    between = (kept[1:].astype(float) + kept[:-1]) / 2
    return kept[np.searchsorted(between, column)]


def _tree(nodes: np.ndarray) -> Tree:
    return Tree(
        feature=nodes["feature_idx"].astype(int),
        threshold=nodes["num_threshold"],
        left=nodes["left"].astype(int),
        right=nodes["right"].astype(int),
        leaf=nodes["is_leaf"].astype(bool),
        value=nodes["value"],
    )
