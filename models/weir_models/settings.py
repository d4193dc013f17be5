"""The one configuration file: what may be set, its default, its unit and range. An unknown name is refused."""

import json
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any


#: Kinds of models that can be trained.
KINDS = ("isolation-forest", "autoencoder", "boosting", "guarded-boosting", "cluster", "contrast")


def _setting(default, meaning: str, *, least=None, most=None, choices=None):
    return field(default=default, metadata={"meaning": meaning, "least": least, "most": most, "choices": choices})


@dataclass(frozen=True)
class ForestSettings:
    trees: int = _setting(48, "Trees of the isolation forest.", least=1, most=1000)
    samples_per_tree: int = _setting(128, "Rows each tree is grown on.", least=2, most=65536)


@dataclass(frozen=True)
class AutoencoderSettings:
    outer_units: int = _setting(32, "Units of the first and last hidden layer.", least=1, most=1024)
    inner_units: int = _setting(10, "Units of the narrow layer.", least=1, most=1024)
    epochs: int = _setting(40, "Times that the rows are gone through.", least=1, most=10_000)
    l2: float = _setting(1e-4, "Weight decay.", least=0, most=10)


@dataclass(frozen=True)
class BoostingSettings:
    trees: int = _setting(25, "Trees, one after the other.", least=1, most=2000)
    leaves: int = _setting(15, "Leaves of a tree.", least=2, most=255)
    learning_rate: float = _setting(0.25, "Share of each tree's advice that is taken.", least=0.001, most=1)
    l2: float = _setting(1.0, "Regularisation of the leaves.", least=0, most=1000)
    feature_share: float = _setting(0.5, "Share of the features that each split may choose from.", least=0.01, most=1)
    draws: int = _setting(1, "Times that all trees are grown, with other seeds, and averaged.", least=1, most=100)


@dataclass(frozen=True)
class GuardedSettings(BoostingSettings):
    trees: int = _setting(60, "Trees, one after the other.", least=1, most=2000)
    leaves: int = _setting(4, "Leaves of a tree: few, so that it learns what attacks share rather than each by heart.", least=2, most=255)
    made_up_share: float = _setting(
        0.5, "Weight, among the attacks, of rows made up of benign ones: what is like no attack known may then be one too.", least=0.01, most=0.9
    )
    changed_share: float = _setting(0.1, "Share of a made-up row's features that come from other rows.", least=0.01, most=1)


@dataclass(frozen=True)
class ClusterSettings:
    clusters: int = _setting(32, "Clusters of benign rows.", least=1, most=1024)


@dataclass(frozen=True)
class ContrastSettings:
    trees: int = _setting(80, "Trees, one after the other.", least=1, most=2000)
    leaves: int = _setting(15, "Leaves of a tree.", least=2, most=255)
    learning_rate: float = _setting(0.1, "Share of each tree's advice that is taken.", least=0.001, most=1)
    l2: float = _setting(1.0, "Regularisation of the leaves.", least=0, most=1000)
    feature_share: float = _setting(0.5, "Share of the features that each split may choose from.", least=0.01, most=1)
    changed_share: float = _setting(0.1, "Share of a made-up row's features that come from other rows.", least=0.01, most=1)
    draws: int = _setting(1, "Times that all trees are grown, with other seeds, and averaged.", least=1, most=100)


@dataclass(frozen=True)
class CalibrationSettings:
    alarm_rate: float = _setting(0.001, "False alarms per benign row that are accepted.", least=1e-6, most=0.5)
    contamination: float = _setting(
        0.0, "Instead of alarm_rate: share of all rows held to be attacks; 0 is off. Raises many false alarms.", least=0, most=0.5
    )
    blocks: int = _setting(8, "Stretches of time, each scored by a model that has not seen it.", least=2, most=50)
    most_rows: int = _setting(12_000, "Benign rows used to train, at most.", least=100, most=10_000_000)


@dataclass(frozen=True)
class PlotSettings:
    width_inches: float = _setting(6.4, "Width of a plot.", least=1, most=50)
    height_inches: float = _setting(4.0, "Height of a plot.", least=1, most=50)
    dots_per_inch: int = _setting(100, "Resolution.", least=30, most=600)
    benign_colour: str = _setting("#4c78a8", "Colour of benign rows.")
    attack_colour: str = _setting("#e45756", "Colour of attack rows.")


@dataclass(frozen=True)
class Settings:
    seed: int = _setting(1, "Seed of everything random.", least=0, most=2**32 - 1)
    models: tuple[str, ...] = _setting(KINDS, "Kinds of models to train.", choices=KINDS)
    features: tuple[str, ...] = _setting((), "Features to train on; the others are taken as not told. Empty: all.")
    fuse: tuple[str, ...] = _setting(
        (), "Members of the fusion, those that are trained. Empty: both boostings and the forest, or what there is of unlabelled rows.",
        choices=KINDS,
    )
    combine: str = _setting(
        "fisher", "Fusion: mean, smallest (max) or geometric mean (fisher) of tail probabilities.", choices=("mean", "max", "fisher")
    )
    isolation_forest: ForestSettings = field(default_factory=ForestSettings)
    autoencoder: AutoencoderSettings = field(default_factory=AutoencoderSettings)
    boosting: BoostingSettings = field(default_factory=BoostingSettings)
    guarded_boosting: GuardedSettings = field(default_factory=GuardedSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    contrast: ContrastSettings = field(default_factory=ContrastSettings)
    calibration: CalibrationSettings = field(default_factory=CalibrationSettings)
    plots: PlotSettings = field(default_factory=PlotSettings)


#: What the lists have of their own. Flows in context have twice the features, by some of which a few rows alone could be told:
#: many small steps, each of which sees fewer of them, and several draws find more of what is new.
_OF_LISTS: dict[str, dict[str, Any]] = {
    "flow-context": {
        "isolation_forest": {"trees": 200},
        "boosting": {"trees": 100, "learning_rate": 0.07, "feature_share": 0.3, "draws": 3},
        "guarded_boosting": {"trees": 200, "learning_rate": 0.08, "feature_share": 0.3, "draws": 3},
    }
}


def read_settings(path: Path, list_name: str = "flow") -> Settings:
    """Settings of a JSON file; what it does not name keeps the default of the list. Raises ValueError saying what is wrong."""
    return settings_from(json.loads(path.read_text(encoding="utf-8")), list_name)


def default_settings(list_name: str) -> Settings:
    """What holds for models of a feature list where nothing is said."""
    return _section(Settings(), _OF_LISTS.get(list_name, {}), "")


def parameters_of(settings: Settings) -> dict[str, Any]:
    """Every setting by its full name, such as `boosting.trees`."""
    told: dict[str, Any] = {}
    for section, value in asdict(settings).items():
        told |= {f"{section}.{name}": one for name, one in value.items()} if isinstance(value, dict) else {section: value}
    return told


def settings_from(given: dict[str, Any], list_name: str = "flow") -> Settings:
    return _section(default_settings(list_name), given, "")


def _section(defaults, given: Any, path: str):
    if not isinstance(given, dict):
        raise ValueError(f'setting "{path.rstrip(".")}" is {given!r}, expected an object.')
    known = {one.name: one for one in fields(defaults)}
    for name in given.keys() - known.keys():
        raise ValueError(f'no setting "{path}{name}". There are: {", ".join(path + one for one in known)}.')
    value = lambda name, one: _value(known[name], one, path=path + name, default=getattr(defaults, name))
    return replace(defaults, **{name: value(name, one) for name, one in given.items()})


def _value(setting, value: Any, *, path: str, default: Any):
    if is_dataclass(default):
        return _section(default, value, f"{path}.")
    if isinstance(default, tuple):
        return _names(setting.metadata["choices"], value, path)
    if type(value) is int and isinstance(default, float):
        value = float(value)
    if type(value) is not type(default):
        raise ValueError(f'setting "{path}" is {value!r}, expected a {type(default).__name__}.')
    _check_range(setting.metadata, value, path)
    _check_choice(setting.metadata["choices"], value, path)
    return value


def _names(choices: tuple[str, ...] | None, value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f'setting "{path}" is {value!r}, expected a list of names.')
    for one in value:
        _check_choice(choices, one, path)
    return tuple(value)


def _check_choice(choices: tuple[str, ...] | None, value: Any, path: str) -> None:
    if choices and value not in choices:
        raise ValueError(f'setting "{path}" names {value}. There are: {", ".join(choices)}.')


def _check_range(metadata, value, path: str) -> None:
    least, most = metadata["least"], metadata["most"]
    if least is not None and not least <= value <= most:
        raise ValueError(f'setting "{path}" is {value}, expected {least} to {most}.')
