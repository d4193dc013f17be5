"""Trees that tell benign rows from rows made up of them: what breaks the bonds between features is strange.

No attack is needed. Score: the raw margin, as of boosting.
"""

import numpy as np

from ..settings import Settings
from .boosting import Boosting, boosted
from .made_up import made_up_rows


def fit_contrast(benign: np.ndarray, _attacks: np.ndarray, settings: Settings) -> Boosting:
    chosen = settings.contrast
    others = lambda seed: [(made_up_rows(benign, chosen.changed_share, seed), 1)]
    return boosted(benign, others, chosen, settings.seed)
