"""From scores to tail probabilities: how often a benign row is at least as strange.

As far as the sample reaches, ranks count: the k-th strangest of n rows has k/(n + 1), which is what a new benign row has on
average (Vovk and others 2005). Beyond its strangest row a generalised Pareto tail continues (Pickands 1975), fitted on the
largest scores by probability-weighted moments (Hosking and Wallis 1987), and capped.
"""

from dataclasses import dataclass

import numpy as np

#: Scores are rounded to this many decimals before anything is compared with them.
DECIMALS = 4
_POINTS = 512
#: Share of the scores, the largest, that the tail is fitted on.
_FITTED_SHARE = 0.05
_LARGEST_SHAPE = 0.5
#: A tail probability is never said to be smaller than one in this many samples of this size.
_CAP = 1000


@dataclass(frozen=True)
class Tail:
    """P(score > s) = share · (1 + shape·(s − threshold)/scale)^(−1/shape) for s above threshold; shape 0: exponential."""

    threshold: float
    shape: float
    scale: float
    share: float

    def probability(self, scores: np.ndarray) -> np.ndarray:
        excess = np.maximum(scores - self.threshold, 0) / self.scale
        if self.shape == 0:
            return self.share * np.exp(-excess)
        return self.share * (1 + self.shape * excess) ** (-1 / self.shape)


@dataclass(frozen=True)
class Calibration:
    """`quantiles` are [1 − tail probability, score], both strictly increasing, up to the tail's threshold: the largest score."""

    rows: int
    quantiles: np.ndarray
    tail: Tail

    @property
    def smallest_rate(self) -> float:
        """Smallest share of benign rows that the sample itself can speak for."""
        return 1 / self.rows

    def tail_probability(self, scores: np.ndarray) -> np.ndarray:
        """In [1/(1000·rows), 1]: 1 for what is no stranger than the tamest benign row."""
        scores = np.round(scores.astype(float), DECIMALS)
        inside = 1 - np.interp(scores, self.quantiles[:, 1], self.quantiles[:, 0])
        p = np.where(scores <= self.tail.threshold, inside, self.tail.probability(scores))
        return np.clip(p, 1 / (_CAP * self.rows), 1)


def calibrate(benign_scores: np.ndarray) -> Calibration:
    """From scores of benign rows that the model was not trained on. Raises ValueError below 100 rows."""
    rows = len(benign_scores)
    if rows < 100:
        raise ValueError(f"{rows} benign rows are too few to calibrate on; give at least 100.")
    scores = np.sort(np.round(benign_scores.astype(float), DECIMALS))
    return Calibration(rows, _quantiles(scores), _tail(scores))


def _quantiles(scores: np.ndarray) -> np.ndarray:
    """Distinct scores with 1 − k/(n + 1), where k rows are at least as large: evenly spread, and denser towards the strange end."""
    rows = len(scores)
    points, first = np.unique(scores, return_index=True)
    share = np.where(first == 0, 0, (first + 1) / (rows + 1))
    wanted = np.concatenate([np.linspace(0, 1, _POINTS // 2), 1 - np.geomspace(1, 1 / rows, _POINTS // 2)])
    chosen = np.unique(np.searchsorted(share, np.append(wanted, 1)).clip(0, len(points) - 1))
    return np.column_stack([share, points])[chosen]


def _tail(scores: np.ndarray) -> Tail:
    """Fitted on the largest scores, then moved up to the very largest: a Pareto tail of a Pareto tail is one."""
    rows = len(scores)
    fitted = max(int(rows * _FITTED_SHARE), 20)
    start = scores[rows - fitted - 1]
    shape, scale = _pareto(scores[rows - fitted :] - start)
    moved = max(scale + shape * (scores[-1] - start), 10.0**-DECIMALS)
    return Tail(float(scores[-1]), shape, moved, 1 / (rows + 1))


def _pareto(excesses: np.ndarray) -> tuple[float, float]:
    """Shape in [0, 0.5] and scale. Below 0 the tail would end, and beyond its end nothing could be compared."""
    count = len(excesses)
    mean = excesses.mean()
    weighted = (excesses * (1 - (np.arange(1, count + 1) - 0.35) / count)).mean()
    if mean <= 2 * weighted or mean == 0:
        return 0.0, max(float(mean), 10.0**-DECIMALS)
    shape = float(np.clip(2 - mean / (mean - 2 * weighted), 0, _LARGEST_SHAPE))
    return shape, float(mean * (1 - shape))


def combined(probabilities: list[np.ndarray], combine: str = "mean") -> np.ndarray:
    """Score of a fusion: −log10 of the mean, of the smallest (`max`) or of the geometric mean (`fisher`) of its members'.

    On the logarithmic scale rare rows stay apart, so that the fusion's own tail can be calibrated.
    """
    stacked = np.stack(probabilities)
    together = {
        "mean": lambda: stacked.mean(axis=0),
        "max": lambda: stacked.min(axis=0),
        "fisher": lambda: np.exp(np.log(stacked).mean(axis=0)),
    }
    return -np.log10(together[combine]())
