"""Gradient boosting on known attacks. Score: the raw margin (log-odds), which keeps its order where probability is all 1."""

from collections.abc import Callable
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


#: Rows to be told from benign ones, each with its weight in sum, as drawn with a seed.
Others = Callable[[int], list[tuple[np.ndarray, float]]]


@dataclass(frozen=True)
class Boosting:
    """The margin is the mean over `draws`, which differ in their seeds alone."""

    filler: Filler
    draws: list[HistGradientBoostingClassifier]

    @property
    def medians(self) -> np.ndarray:
        return self.filler.medians

    def score(self, features: np.ndarray) -> np.ndarray:
        rows = self.filler.apply(features)
        return np.mean([draw.decision_function(rows) for draw in self.draws], axis=0)

    def onnx(self) -> onnx.ModelProto:
        graph = GraphBuilder(len(self.medians))
        trees = Trees()
        for draw in self.draws:
            for (predictor,) in draw._predictors:
                trees.add_tree(_tree(predictor.nodes, 1 / len(self.draws)))
        base = float(np.mean([draw._baseline_prediction.ravel()[0] for draw in self.draws]))
        margin = trees.into(graph, self.filler.into(graph), base)
        graph.output(graph.add("Squeeze", margin, graph.indices([1]), name="score"))
        return graph.model()


def fit_boosting(benign: np.ndarray, attacks: np.ndarray, settings: Settings) -> Boosting:
    """Raises ValueError without attack rows."""
    if len(attacks) == 0:
        raise ValueError("boosting learns from attacks, and no row is labelled as one. Give labelled rows, or leave it out.")
    return boosted(benign, lambda seed: [(attacks, 1)], settings.boosting, settings.seed)


def fit_guarded_boosting(benign: np.ndarray, attacks: np.ndarray, settings: Settings) -> Boosting:
    """Rows made up of benign ones count as attacks too: so it looks askance at what is like nothing it knows."""
    chosen = settings.guarded_boosting
    share = chosen.made_up_share
    others = lambda seed: [(attacks, 1 - share), (made_up_rows(benign, chosen.changed_share, seed), share)]
    return boosted(benign, others, chosen, settings.seed)


def boosted(benign: np.ndarray, others: Others, chosen: BoostingSettings | ContrastSettings, seed: int) -> Boosting:
    """Trees that tell benign rows from others, which are drawn anew for each draw of trees."""
    filler = fit_filler(benign)
    seeds = range(seed, seed + chosen.draws)
    return Boosting(filler, [_grown(filler, [(benign, 1), *others(one)], chosen, one) for one in seeds])


def _grown(filler: Filler, sides: list[tuple[np.ndarray, float]], chosen: BoostingSettings | ContrastSettings, seed: int):
    """Trees of one draw; the first side is benign. Both sides weigh the same in sum."""
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
    is_other = np.arange(len(rows)) >= len(sides[0][0])
    rows = np.column_stack([_coarse(column, is_other) for column in rows.T])
    return trees.fit(rows, is_other, sample_weight=weights * len(is_other) / 2)


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


def _tree(nodes: np.ndarray, share: float) -> Tree:
    return Tree(
        feature=nodes["feature_idx"].astype(int),
        threshold=nodes["num_threshold"],
        left=nodes["left"].astype(int),
        right=nodes["right"].astype(int),
        leaf=nodes["is_leaf"].astype(bool),
        value=nodes["value"] * share,
    )
