"""Feature rows as `weir features --out rows.csv` writes them: key columns, an optional label, then one whole list."""

import numpy as np
import pandas as pd

from ..feature_lists import feature_names
from ..rows import BENIGN, Rows

#: A list that has all names of another goes before it.
LIST_NAMES = ("flow-context", "flow", "host-window", "sequence")


def is_weir_rows(frame: pd.DataFrame) -> bool:
    return {"time_us", "source"} <= set(frame.columns)


def read_weir_rows(frame: pd.DataFrame) -> Rows:
    """Raises ValueError, with the names that differ, when the columns are no list that this version knows."""
    list_name = _list_of(frame)
    count = len(frame)
    text = lambda name: frame.get(name, pd.Series([""] * count)).astype(object).fillna("").astype(str).to_numpy(dtype=object)
    label = text("label")
    return Rows(
        list_name=list_name,
        features=frame[feature_names(list_name)].to_numpy(np.float32),
        time_s=frame["time_us"].to_numpy(float) / 1e6,
        source=text("source"),
        destination=text("destination"),
        destination_port=frame.get("destination_port", pd.Series(np.zeros(count))).fillna(0).to_numpy(int),
        label=np.where(np.isin(label, ("", BENIGN, "BENIGN")), BENIGN, label).astype(object),
    )


def _list_of(frame: pd.DataFrame) -> str:
    missing = {name: [one for one in feature_names(name) if one not in frame.columns] for name in LIST_NAMES}
    nearest = min(missing, key=lambda name: len(missing[name]))
    if missing[nearest]:
        raise ValueError(f'rows of no known list: nearest is "{nearest}", but {", ".join(missing[nearest])} is missing.')
    return nearest
