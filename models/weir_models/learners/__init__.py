"""One file a kind of model. Each fits on feature rows, scores them in numpy, and writes itself as an ONNX graph."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import onnx

from ..settings import Settings
from .autoencoder import fit_autoencoder
from .boosting import fit_boosting, fit_guarded_boosting
from .cluster import fit_cluster
from .contrast import fit_contrast
from .forest import fit_forest


class Model(Protocol):
    """Something that scores: higher is stranger. `medians` are those of the benign rows that it was fitted on."""

    medians: np.ndarray

    def score(self, features: np.ndarray) -> np.ndarray: ...

    def onnx(self) -> onnx.ModelProto: ...


#: (benign rows, attack rows, settings) → model.
Learner = Callable[[np.ndarray, np.ndarray, Settings], Model]

#: Kinds that learn from attacks; the others look at benign rows alone.
LEARN_FROM_ATTACKS = ("boosting", "guarded-boosting")

LEARNERS: dict[str, Learner] = {
    "isolation-forest": fit_forest,
    "autoencoder": fit_autoencoder,
    "boosting": fit_boosting,
    "guarded-boosting": fit_guarded_boosting,
    "cluster": fit_cluster,
    "contrast": fit_contrast,
}
