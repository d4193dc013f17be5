"""Rows made up of benign ones: each value alone is usual, but they do not go together.

Learning to tell the two apart estimates the ratio of their densities (Hastie, Tibshirani and Friedman, The Elements of
Statistical Learning, 14.2.4).
"""

import numpy as np


def made_up_rows(benign: np.ndarray, changed_share: float, seed: int) -> np.ndarray:
    """As many rows as given; each feature of each is, with this chance, that of another row."""
    random = np.random.default_rng(seed)
    others = np.column_stack([random.permutation(column) for column in benign.T])
    return np.where(random.random(benign.shape) < changed_share, others, benign)
