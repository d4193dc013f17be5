"""NSL-KDD (Tavallaee and others 2009): legacy, neither addresses nor times, so its rows have features of their own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

#: Columns: protocol, service and flag are words; the last two are label and difficulty.
_WORDS = (1, 2, 3)
_LABEL = 41


@dataclass(frozen=True)
class KddRows:
    """`features` is float32 [n, 41]; words are numbered in alphabetical order of `words`. `attack` is the truth."""

    features: np.ndarray
    attack: np.ndarray
    words: tuple[tuple[str, ...], ...]


def read_nsl_kdd(path: Path, words: tuple[tuple[str, ...], ...] | None = None) -> KddRows:
    """`words` of the training rows are given for test rows, so that a word keeps its number; unknown words are NaN."""
    frame = pd.read_csv(path, header=None)
    if frame.shape[1] != 43 or not frame[1].isin(["tcp", "udp", "icmp"]).all():
        raise ValueError(f'"{path}" is no NSL-KDD table: expected 43 columns, the second tcp, udp or icmp.')
    known = words or tuple(tuple(sorted(frame[column].unique())) for column in _WORDS)
    for column, names in zip(_WORDS, known):
        frame[column] = frame[column].map({name: at for at, name in enumerate(names)})
    features = frame.iloc[:, :_LABEL].to_numpy(np.float32)
    return KddRows(features, (frame[_LABEL] != "normal").to_numpy(), known)
