"""Fits the models on a training set, calibrates each on rows that it has not seen, and fuses them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from .calibration import Calibration, calibrate, combined
from .learners import LEARN_FROM_ATTACKS, LEARNERS, Model
from .rows import Rows
from .settings import Settings
from .training_set import TrainingSet

#: What a fusion is made of where the settings name nothing: the first of these whose members are all there.
_FUSIONS = (("boosting", "guarded-boosting", "isolation-forest"), ("autoencoder", "boosting"), ("autoencoder", "isolation-forest"))
#: Alerts are counted as incidents: one entity, this many seconds.
_CELL_S = 600
_MOST_CELLS = 256


@dataclass(frozen=True)
class Trained:
    """A model, or a fusion (`model` is None, `members` are kinds, see `combined`), with its scores on rows unseen in fitting."""

    kind: str
    model: Model | None
    members: tuple[str, ...]
    benign_scores: np.ndarray
    attack_scores: np.ndarray
    calibration: Calibration
    cells: dict
    combine: str = ""


def train_all(data: TrainingSet, settings: Settings, tell: Callable[[str], None] = lambda text: None) -> dict[str, Trained]:
    """Each kind that the settings name (both boostings only where there are attacks), and a fusion. One thread."""
    kinds = [kind for kind in settings.models if kind not in LEARN_FROM_ATTACKS or len(data.attacks)]
    trained: dict[str, Trained] = {}
    with threadpool_limits(1):
        for kind in kinds:
            tell(f"{data.list_name}: {kind} on {len(data.benign):,} benign and {len(data.attacks):,} attack rows")
            trained[kind] = train_one(kind, data, settings)
    wanted = [settings.fuse] if settings.fuse else _FUSIONS
    members = next((some for some in wanted if set(some) <= trained.keys()), None)
    return trained | ({"fusion": fuse(members, trained, data.benign, settings.combine)} if members else {})


def train_one(kind: str, data: TrainingSet, settings: Settings) -> Trained:
    benign_scores, attack_scores = unseen_scores(kind, data, settings)
    model = LEARNERS[kind](data.benign.features, data.attacks.features, settings)
    return _calibrated(kind, model, (), benign_scores, attack_scores, data.benign)


def unseen_scores(kind: str, data: TrainingSet, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Score of each benign and each attack row from a model fitted on the other stretches of time."""
    benign, attacks = np.empty(len(data.benign)), np.empty(len(data.attacks))
    for block in np.unique(data.block):
        out, attacks_out = data.block == block, data.attack_block == block
        model = LEARNERS[kind](data.benign.features[~out], data.attacks.features[~attacks_out], settings)
        benign[out] = model.score(data.benign.features[out])
        if attacks_out.any():
            attacks[attacks_out] = model.score(data.attacks.features[attacks_out])
    return benign, attacks


def fuse(members: tuple[str, ...], trained: dict[str, Trained], benign: Rows, combine: str) -> Trained:
    """Of tail probabilities: scores of different kinds become comparable first."""
    parts = [trained[kind] for kind in members]
    mix = lambda scores: combined([one.calibration.tail_probability(getattr(one, scores)) for one in parts], combine)
    fused = _calibrated("fusion", None, members, mix("benign_scores"), mix("attack_scores"), benign)
    return replace(fused, combine=combine)


def _calibrated(kind, model, members, benign_scores, attack_scores, benign: Rows) -> Trained:
    calibration = calibrate(benign_scores)
    cells = _cells(benign, calibration.tail_probability(benign_scores))
    return Trained(kind, model, members, benign_scores, attack_scores, calibration, cells)


def tail_probabilities(trained: dict[str, Trained], features: np.ndarray) -> dict[str, np.ndarray]:
    """Kind → tail probability of each row, the fusion's too."""
    told = {
        kind: one.calibration.tail_probability(one.model.score(features)) for kind, one in trained.items() if one.model
    }
    for kind, one in trained.items():
        if one.members:
            told[kind] = one.calibration.tail_probability(combined([told[member] for member in one.members], one.combine))
    return told


def _cells(benign: Rows, probability: np.ndarray) -> dict:
    """−log10 of the strangest row of each source and ten minutes, largest first: what an alarm budget is spent on."""
    strange = np.round(-np.log10(probability), 4)
    strangest: dict[tuple[str, int], float] = {}
    for source, time_s, value in zip(benign.source, benign.time_s, strange):
        cell = (source, int(time_s // _CELL_S))
        strangest[cell] = max(strangest.get(cell, 0.0), float(value))
    days = _observed_days(benign.time_s)
    return {"observedDays": days, "strangest": sorted(strangest.values(), reverse=True)[:_MOST_CELLS]}


def _observed_days(time_s: np.ndarray) -> float:
    """Days in which there were rows, hour by hour: captures of different years lie far apart."""
    return len(np.unique(time_s // 3600)) / 24
