"""An ensemble of binary trees as one TreeEnsembleRegressor: it loads and scores many times faster than nested graphs."""

from dataclasses import dataclass, field

import numpy as np

from .builder import GraphBuilder


@dataclass
class Trees:
    """Nodes of all trees, flat. A row goes left when its feature is <= threshold; leaves add up."""

    tree: list[int] = field(default_factory=list)
    node: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    leaf: list[bool] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def add_tree(self, tree: "Tree") -> None:
        count = len(tree.leaf)
        self.tree += [self.tree[-1] + 1 if self.tree else 0] * count
        self.node += range(count)
        self.leaf += tree.leaf.tolist()
        for name in ("feature", "left", "right"):
            getattr(self, name).extend(np.where(tree.leaf, 0, getattr(tree, name)).tolist())
        self.threshold += np.where(tree.leaf, 0, float32_at_most(tree.threshold)).tolist()
        self.value += tree.value.tolist()

    def into(self, graph: GraphBuilder, features: str, base: float) -> str:
        """Adds the ensemble to a graph; its output [n, 1] is `base` and the sum of one leaf a tree."""
        leaves = [at for at, is_leaf in enumerate(self.leaf) if is_leaf]
        pick = lambda values: [values[at] for at in leaves]
        return graph.add(
            "TreeEnsembleRegressor",
            features,
            domain="ai.onnx.ml",
            aggregate_function="SUM",
            base_values=[base],
            n_targets=1,
            nodes_falsenodeids=self.right,
            nodes_featureids=self.feature,
            nodes_modes=["LEAF" if is_leaf else "BRANCH_LEQ" for is_leaf in self.leaf],
            nodes_nodeids=self.node,
            nodes_treeids=self.tree,
            nodes_truenodeids=self.left,
            nodes_values=self.threshold,
            post_transform="NONE",
            target_ids=[0] * len(leaves),
            target_nodeids=pick(self.node),
            target_treeids=pick(self.tree),
            target_weights=pick(self.value),
        )


@dataclass(frozen=True)
class Tree:
    """One tree in columns. Where `leaf` is set, `value` counts; else feature, threshold, left and right."""

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    leaf: np.ndarray
    value: np.ndarray


def float32_at_most(thresholds: np.ndarray) -> np.ndarray:
    """The largest float32 not above each threshold: for float32 features, x <= either is then the same question."""
    near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)
