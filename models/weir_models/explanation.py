"""Why a row is strange: one group of features at a time is replaced by its benign median, and the row scored again.

What the score loses is the group's share. On a sample, `shapley` gives what this stands in for.
"""

from itertools import combinations
from math import factorial

import numpy as np

from .feature_lists import feature_groups, feature_names

_MOST_ROWS = 2000


def group_losses(model, features: np.ndarray, list_name: str) -> dict[str, np.ndarray]:
    """Group → what each row's score loses when the group takes its benign medians; negative when it gains."""
    before = model.score(features)
    return {name: before - model.score(_with_medians(features, model, at)) for name, at in columns_of(list_name).items()}


def group_importance(model, features: np.ndarray, list_name: str) -> dict[str, float]:
    """Group → mean share of the losses, over (at most 2,000 of) the rows; all 0 where no score loses."""
    losses = group_losses(model, features[:: max(len(features) // _MOST_ROWS, 1)], list_name)
    mean = {name: float(np.maximum(loss, 0).mean()) for name, loss in losses.items()}
    total = sum(mean.values()) or 1.0
    return {name: loss / total for name, loss in mean.items()}


def columns_of(list_name: str) -> dict[str, list[int]]:
    names = feature_names(list_name)
    return {group["name"]: [names.index(one) for one in group["features"]] for group in feature_groups(list_name)}


def shapley(model, features: np.ndarray, list_name: str) -> dict[str, np.ndarray]:
    """Exact Shapley values of the groups, absent groups at their medians (Shapley 1953). 2^groups scorings: for tests."""
    columns = columns_of(list_name)
    worth = {subset: _worth(model, features, columns, subset) for subset in _subsets(tuple(columns))}
    count = len(columns)
    values = {}
    for name in columns:
        total = np.zeros(len(features))
        for subset in (one for one in worth if name not in one):
            weight = factorial(len(subset)) * factorial(count - len(subset) - 1) / factorial(count)
            total += weight * (worth[subset | {name}] - worth[subset])
        values[name] = total
    return values


def _subsets(names: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]


def _worth(model, features: np.ndarray, columns: dict[str, list[int]], present: frozenset[str]) -> np.ndarray:
    absent = [at for name, group in columns.items() if name not in present for at in group]
    return model.score(_with_medians(features, model, absent))


def _with_medians(features: np.ndarray, model, columns: list[int]) -> np.ndarray:
    replaced = features.copy()
    replaced[:, columns] = model.medians[columns]
    return replaced
