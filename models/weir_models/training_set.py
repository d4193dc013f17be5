"""Rows to learn from: benign ones in stretches of time, attacks balanced by class, and where all came from."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .feature_lists import feature_names
from .rows import Rows, joined, sample
from .settings import Settings
from .tables import read_table

#: Attack rows of one class that are learned from, at most: a class with many rows is not worth more than one with few.
MOST_OF_A_CLASS = 300


@dataclass(frozen=True)
class Source:
    """One table: its name, digest and rows, for the manifest."""

    name: str
    sha256: str
    rows: Rows


@dataclass(frozen=True)
class TrainingSet:
    """The block of a row is the stretch of time, within its own source or attack class, that it lies in."""

    benign: Rows
    block: np.ndarray
    attacks: Rows
    attack_block: np.ndarray
    data: list[dict]

    @property
    def list_name(self) -> str:
        return self.benign.list_name


def read_source(path: Path) -> Source:
    return Source(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), read_table(path))


def training_set(sources: list[Source], settings: Settings) -> TrainingSet:
    """All sources of one feature list together. Raises ValueError when they are of several, or hold no benign rows."""
    share = max(settings.calibration.most_rows // max(len(sources), 1), 1)
    benign = [sample(one.rows.benign().in_time_order(), share, settings.seed) for one in sources]
    if sum(map(len, benign)) == 0:
        raise ValueError("no benign row to learn from. A model learns what is normal from rows without an attack.")
    block = np.concatenate([_stretches(len(part), settings.calibration.blocks) for part in benign])
    attacks, attack_block = _balanced(joined([one.rows.attacks() for one in sources]), settings)
    data = [{"name": one.name, "sha256": one.sha256, "rows": len(one.rows)} for one in sources]
    chosen = lambda rows: _only(rows, settings.features)
    return TrainingSet(chosen(joined(benign)), block, chosen(attacks), attack_block, data)


def _stretches(rows: int, blocks: int) -> np.ndarray:
    return np.arange(rows) * blocks // max(rows, 1)


def _balanced(attacks: Rows, settings: Settings) -> tuple[Rows, np.ndarray]:
    """At most MOST_OF_A_CLASS rows of each class, with their blocks."""
    classes = [attacks.where(attacks.label == one).in_time_order() for one in np.unique(attacks.label.astype(str))]
    parts = [sample(one, MOST_OF_A_CLASS, settings.seed) for one in classes]
    blocks = [_stretches(len(part), settings.calibration.blocks) for part in parts]
    return (joined(parts), np.concatenate(blocks)) if parts else (attacks, np.empty(0, dtype=int))


def _only(rows: Rows, wanted: tuple[str, ...]) -> Rows:
    """With `features` set, the others are made untold: a model then does not look at them. Unknown names raise ValueError."""
    names = feature_names(rows.list_name)
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise ValueError(f'no feature {", ".join(unknown)} in the list "{rows.list_name}".')
    if wanted:
        rows.features[:, [name not in wanted for name in names]] = np.nan
    return rows
