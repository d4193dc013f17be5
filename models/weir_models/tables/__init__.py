"""Readers: each turns one kind of table into `Rows`."""

from pathlib import Path

import pandas as pd

from ..rows import Rows
from .cicids import is_cicids, read_cicids
from .flow_lines import is_flow_lines, read_flow_lines
from .weir_rows import is_weir_rows, read_weir_rows
from .zeek import is_zeek, read_zeek

_READERS = ((is_weir_rows, read_weir_rows), (is_cicids, read_cicids), (is_zeek, read_zeek))


def read_table(path: Path) -> Rows:
    """Rows of a table that is known by its header. Raises ValueError when it is none of those known."""
    if is_flow_lines(path):
        return read_flow_lines(path)
    frame = pd.read_csv(path, skipinitialspace=True, na_values=["-"], low_memory=False)
    frame.columns = frame.columns.str.strip()
    for knows, read in _READERS:
        if knows(frame):
            return read(frame)
    raise ValueError(f'cannot read "{path}": not rows of `weir features`, CICIDS2017, or a Zeek conn log with a header.')
