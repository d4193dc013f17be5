"""How well scores tell attacks from benign rows, with how sure that is."""

import numpy as np
from sklearn.metrics import roc_auc_score



def area_under_roc(benign: np.ndarray, attacks: np.ndarray) -> float:
    """Chance that an attack row scores higher than a benign one; NaN when either is missing."""
    if len(benign) == 0 or len(attacks) == 0:
        return float("nan")
    truth = np.repeat([0, 1], [len(benign), len(attacks)])
    return float(roc_auc_score(truth, np.concatenate([benign, attacks])))


def recall_by_class(found: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Share of the rows of each class that are found."""
    return {one: float(found[label == one].mean()) for one in np.unique(label.astype(str))}


def rate_interval(alarms: np.ndarray) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (1927): unlike a bootstrap it is honest where nothing at all was seen."""
    count, z = len(alarms), 1.96
    if count == 0:
        return float("nan"), float("nan")
    share = alarms.mean()
    middle = share + z * z / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, float((middle - half) / scale)), float((middle + half) / scale)


def f1(benign: np.ndarray, attacks: np.ndarray, threshold: float) -> float:
    """F1 of calling everything above `threshold` an attack."""
    hits, alarms = (attacks > threshold).sum(), (benign > threshold).sum()
    return float(2 * hits / max(2 * hits + alarms + len(attacks) - hits, 1))
