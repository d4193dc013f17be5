"""The protocol of docs/evaluation-models.md: what is trained on what, and tried on what.

Benign rows in time order: the first part trains and calibrates, the rest tells the realised rate. Attack classes are tried
twice: as unknown (the class is left out of training) and as known (its earlier half is learned, its later half tried).
"""

from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from .calibration import calibrate, combined
from .feature_lists import feature_names
from .learners import LEARN_FROM_ATTACKS, LEARNERS
from .measures import area_under_roc, rate_interval, recall_by_class
from .rows import Rows, joined, sample
from .settings import Settings
from .training_set import MOST_OF_A_CLASS

#: Share of benign rows, from the start, that train and calibrate.
TRAINED_SHARE = 0.7
#: Fusions that are tried: that which ships for flows first.
FUSED = (("boosting", "guarded-boosting", "isolation-forest"), ("boosting", "isolation-forest", "contrast"))
FUSIONS = ("max", "fisher")
#: Learned from benign rows of a new network, beside a model that was brought along.
LOCAL = ("contrast", "isolation-forest", "cluster")
#: Draws of the bootstrap over rows.
_DRAWS = 200


@dataclass(frozen=True)
class Scores:
    """Scores of one model: of benign rows unseen in fitting (to calibrate on), of later benign rows, and of attacks."""

    unseen: np.ndarray
    later: np.ndarray
    tried: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """One model on one task; `recall` is by class, intervals are 95 %."""

    model: str
    recall: dict[str, float]
    recall_interval: tuple[float, float]
    rate: float
    rate_interval: tuple[float, float]
    area: float

    @property
    def mean_recall(self) -> float:
        return float(np.mean(list(self.recall.values())))


@dataclass(frozen=True)
class Trial:
    """What is learned and what is tried, as masks of the attack rows."""

    learned: np.ndarray
    tried: np.ndarray


def evaluate(benign: Rows, attacks: Rows, settings: Settings) -> dict[str, list[Outcome]]:
    """Attacks `known` and `unknown`: every model, two baselines and the fusions, at the settings' alarm rate."""
    attacks = _capped(attacks, settings.seed)
    features = benign.in_time_order().features
    split = int(len(features) * TRAINED_SHARE)
    train, later = features[:split], features[split:]
    outcomes = {}
    with threadpool_limits(1):
        fixed = _without_attacks(train, later, attacks.features, settings)
        for name, trials in (("known", [_halves(attacks)]), ("unknown", _left_out(attacks))):
            scored = [_all_scores(fixed, trial, train, later, attacks, settings) for trial in trials]
            outcomes[name] = _outcomes(scored, [attacks.label[trial.tried].astype(str) for trial in trials], settings)
    return outcomes


def _outcomes(scored: list[dict[str, Scores]], labels: list[np.ndarray], settings: Settings) -> list[Outcome]:
    return [_outcome(name, [one[name] for one in scored], labels, settings) for name in scored[0]]


def _capped(attacks: Rows, seed: int) -> Rows:
    classes = np.unique(attacks.label.astype(str))
    parts = [sample(attacks.where(attacks.label == one).in_time_order(), MOST_OF_A_CLASS, seed) for one in classes]
    return joined(parts)


def _left_out(attacks: Rows) -> list[Trial]:
    masks = [attacks.label == one for one in np.unique(attacks.label.astype(str))]
    return [Trial(~mask, mask) for mask in masks]


def _halves(attacks: Rows) -> Trial:
    later = np.zeros(len(attacks), dtype=bool)
    for one in np.unique(attacks.label.astype(str)):
        at = np.flatnonzero(attacks.label == one)
        later[at[len(at) // 2 :]] = True
    return Trial(~later, later)


def _without_attacks(train, later, attacks, settings: Settings) -> dict[str, Scores]:
    """Models that learn from benign rows alone, and what they must beat: one column each."""
    none = np.empty((0, train.shape[1]), dtype=np.float32)
    baselines = {name: Scores(*(_column(rows, name) for rows in (train, later, attacks))) for name in ("bytesPerSecond", "packetsPerSecond")}
    kinds = [kind for kind in LEARNERS if kind not in LEARN_FROM_ATTACKS]
    return baselines | {kind: scores_of(kind, train, none, later, attacks, settings) for kind in kinds}


def _column(rows: np.ndarray, name: str) -> np.ndarray:
    return np.log1p(np.nan_to_num(rows[:, feature_names("flow").index(name)]))


def scores_of(kind: str, train, known, later, tried, settings: Settings) -> Scores:
    """Fits on `train` and `known` attacks; each stretch of `train` is also scored by a model of the other stretches."""
    fit = lambda rows: LEARNERS[kind](rows, known, settings)
    blocks = np.array_split(np.arange(len(train)), settings.calibration.blocks)
    unseen = [fit(np.delete(train, block, axis=0)).score(train[block]) for block in blocks]
    model = fit(train)
    return Scores(np.concatenate(unseen), model.score(later), model.score(tried))


def _all_scores(fixed: dict[str, Scores], trial: Trial, train, later, attacks: Rows, settings) -> dict[str, Scores]:
    scores = {name: replace(one, tried=one.tried[trial.tried]) for name, one in fixed.items()}
    known, tried = attacks.features[trial.learned], attacks.features[trial.tried]
    scores |= {kind: scores_of(kind, train, known, later, tried, settings) for kind in LEARN_FROM_ATTACKS}
    return scores | {f"{how} of {', '.join(kinds)}": _fused(scores, kinds, how) for kinds in FUSED for how in FUSIONS}


def _fused(scores: dict[str, Scores], kinds: tuple[str, ...], how: str) -> Scores:
    members = [scores[kind] for kind in kinds]
    tails = [calibrate(one.unseen).tail_probability for one in members]
    mix = lambda field: combined([tail(getattr(one, field)) for tail, one in zip(tails, members)], how)
    return Scores(mix("unseen"), mix("later"), mix("tried"))


def _outcome(name: str, scores: list[Scores], labels: list[np.ndarray], settings: Settings) -> Outcome:
    """Over all trials: each class where it was tried, alarms and area from all together."""
    tails = [calibrate(one.unseen) for one in scores]
    alarm = lambda field: [tail.tail_probability(getattr(one, field)) <= settings.calibration.alarm_rate for tail, one in zip(tails, scores)]
    alarms, found, label = np.concatenate(alarm("later")), np.concatenate(alarm("tried")), np.concatenate(labels)
    return Outcome(
        model=name,
        recall=recall_by_class(found, label),
        recall_interval=_recall_interval(found, label, settings.seed),
        rate=float(alarms.mean()),
        # The same benign rows in every trial: they count once.
        rate_interval=rate_interval(alarm("later")[0]),
        area=float(np.mean([area_under_roc(one.later, one.tried) for one in scores])),
    )


def _recall_interval(found: np.ndarray, label: np.ndarray, seed: int) -> tuple[float, float]:
    """Rows drawn again within each class (Efron 1979): the classes themselves are taken as given."""
    random = np.random.default_rng(seed)
    classes = [found[label == one] for one in np.unique(label)]
    means = [np.mean([one[random.integers(len(one), size=len(one))].mean() for one in classes]) for _ in range(_DRAWS)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def known_classes(benign: Rows, attacks: Rows, settings: Settings) -> list[Outcome]:
    """Both boostings on classes of which the earlier half was learned."""
    attacks = _capped(attacks, settings.seed)
    features = benign.in_time_order().features
    split = int(len(features) * TRAINED_SHARE)
    trial = _halves(attacks)
    known, tried = attacks.features[trial.learned], attacks.features[trial.tried]
    with threadpool_limits(1):
        scores = {kind: scores_of(kind, features[:split], known, features[split:], tried, settings) for kind in LEARN_FROM_ATTACKS}
    return [_outcome(kind, [one], [attacks.label[trial.tried].astype(str)], settings) for kind, one in scores.items()]


def across(train: Rows, known: Rows, local: Rows, tried: Rows, kind: str, settings: Settings) -> tuple[float, float, float]:
    """(AUC, recall, realised rate) on another network: calibrated on the first half of its benign rows, tried on the rest."""
    local = local.in_time_order()
    half = len(local) // 2
    with threadpool_limits(1):
        model = LEARNERS[kind](train.features, _capped(known, settings.seed).features, settings)
    scores, attacks = model.score(local.features), model.score(tried.features)
    tail = calibrate(scores[:half]).tail_probability
    rate = settings.calibration.alarm_rate
    found = recall_by_class(tail(attacks) <= rate, tried.label)
    return area_under_roc(scores, attacks), float(np.mean(list(found.values()))), float((tail(scores[half:]) <= rate).mean())


def across_with_local(train: Rows, known: Rows, local: Rows, tried: Rows, settings: Settings) -> tuple[float, float, float]:
    """As `across`, of boosting brought along and LOCAL learned on the first half of the other's benign rows (fisher).

    Only features that every row of both networks tells are looked at; all figures are of the second half.
    """
    local = local.in_time_order()
    told = ~(np.isnan(train.features).any(axis=0) | np.isnan(local.features).any(axis=0))
    rows = lambda some: np.where(told, some.features, np.nan)
    half = len(local) // 2
    here, later = rows(local)[:half], rows(local)[half:]
    with threadpool_limits(1):
        brought = LEARNERS["boosting"](rows(train), rows(_capped(known, settings.seed)), settings)
        scores = {"boosting": Scores(*(brought.score(some) for some in (here, later, rows(tried))))}
        scores |= {kind: scores_of(kind, here, here[:0], later, rows(tried), settings) for kind in LOCAL}
    fused = _fused(scores, tuple(scores), "fisher")
    outcome = _outcome("", [fused], [tried.label.astype(str)], settings)
    return outcome.area, outcome.mean_recall, outcome.rate
