"""From scores to tail probabilities: how often a benign row is at least as strange.

Inside the sample the empirical quantiles count. Beyond its largest few scores a generalised Pareto tail continues them
(Pickands 1975), fitted by probability-weighted moments (Hosking and Wallis 1987), and capped.
"""

from dataclasses import dataclass

import numpy as np

#: Scores are rounded to this many decimals before anything is compared with them.
DECIMALS = 4
_POINTS = 512
#: The largest scores, to which the tail is tied; it is fitted on more of them.
_BEYOND = 10
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
    """`quantiles` are [share of rows below, score], both strictly increasing, up to the tail's threshold."""

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
    tail = _tail(scores)
    return Calibration(rows, _quantiles(scores, tail), tail)


def _quantiles(scores: np.ndarray, tail: Tail) -> np.ndarray:
    """Distinct scores with the share of rows below each: evenly spread, and denser towards the strange end."""
    points, first = np.unique(scores, return_index=True)
    below = first / len(scores)
    keep = points < tail.threshold
    points, below = points[keep], below[keep]
    wanted = np.concatenate([np.linspace(0, 1, _POINTS // 2), 1 - np.geomspace(1, 1 / len(scores), _POINTS // 2)])
    chosen = np.unique(np.searchsorted(below, np.unique(wanted)).clip(0, max(len(below) - 1, 0)))
    end = [[float((scores < tail.threshold).mean()), tail.threshold]]
    return np.concatenate([np.column_stack([below, points])[chosen] if len(points) else np.empty((0, 2)), end])


def _tail(scores: np.ndarray) -> Tail:
    """Fitted on the largest scores, then moved up to the `_BEYOND`-th largest: a Pareto tail of a Pareto tail is one."""
    rows = len(scores)
    fitted = max(int(rows * _FITTED_SHARE), 20)
    start = scores[rows - fitted - 1]
    shape, scale = _pareto(scores[rows - fitted :] - start)
    threshold = scores[rows - _BEYOND - 1]
    share = float((scores > threshold).mean()) or 1 / rows
    moved = max(scale + shape * (threshold - start), 10.0**-DECIMALS)
    return Tail(float(threshold), shape, moved, share)


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
