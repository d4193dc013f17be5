"""Feature rows with what is needed to train, split and evaluate them."""

from dataclasses import dataclass, replace

import numpy as np

BENIGN = "benign"


@dataclass(frozen=True)
class Rows:
    """`features` is float32, one row a flow or window, NaN for "not told"; all fields have the same length."""

    list_name: str
    features: np.ndarray
    time_s: np.ndarray
    source: np.ndarray
    destination: np.ndarray
    destination_port: np.ndarray
    label: np.ndarray

    def __len__(self) -> int:
        return len(self.features)

    def where(self, chosen: np.ndarray) -> "Rows":
        """The rows that `chosen` (a mask or indices) names, in that order."""
        columns = {name: getattr(self, name)[chosen] for name in _COLUMNS}
        return replace(self, **columns)

    def benign(self) -> "Rows":
        return self.where(self.label == BENIGN)

    def attacks(self) -> "Rows":
        return self.where(self.label != BENIGN)

    def in_time_order(self) -> "Rows":
        return self.where(np.argsort(self.time_s, kind="stable"))


_COLUMNS = ("features", "time_s", "source", "destination", "destination_port", "label")


def joined(parts: list[Rows]) -> Rows:
    """All rows of all parts, which must be of one feature list."""
    names = {part.list_name for part in parts}
    if len(names) != 1:
        raise ValueError(f"rows of different feature lists cannot be joined: {sorted(names)}.")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
    return Rows(list_name=parts[0].list_name, **columns)


def sample(rows: Rows, most: int, seed: int) -> Rows:
    """At most `most` rows, drawn evenly, in their old order."""
    if len(rows) <= most:
        return rows
    chosen = np.random.default_rng(seed).choice(len(rows), most, replace=False)
    return rows.where(np.sort(chosen))
