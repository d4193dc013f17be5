"""How the models that ship with Weir were made: from a folder of labelled captures and flow tables.

Expected: `manifest_pcap.csv` (category, label, file, attacker, victim), and what `weir features` makes of the captures:
`<category>.csv` for all benign ones of a category, `<category>_<file>.csv` for each attack. No data is kept in a model.
"""

import csv
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from .rows import BENIGN, Rows, joined
from .tables import read_table
from .training_set import Source

BENIGN_CATEGORIES = ("benign_iot", "benign_dns", "protocol_corpus")
#: An address at the start of the manifest's attacker or victim; `many`, `spoofed` and the like are none.
_ADDRESS = re.compile(r"^(\d+\.\d+\.\d+\.\d+)(?![\d/])|^([0-9a-f:]+:[0-9a-f:]+)$")


def capture_sources(manifest: Path, rows_folder: Path, held_out: set[str]) -> list[Source]:
    """One source for each category of benign captures, and one for all attacks but the labels `held_out`."""
    with manifest.open(encoding="utf-8", newline="") as file:
        entries = [entry for entry in csv.DictReader(file) if entry["label"] not in held_out]
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    benign = [(name, _benign_rows(rows_folder / f"{name}.csv")) for name in BENIGN_CATEGORIES]
    attacks = [_attack_rows(entry, rows_folder) for entry in entries if entry["category"] not in BENIGN_CATEGORIES]
    parts = [*benign, ("attacks", joined([rows for rows in attacks if rows is not None]))]
    return [Source(f"captures: {name}", digest, rows) for name, rows in parts]


def _benign_rows(path: Path) -> Rows:
    rows = read_table(path)
    return replace(rows, label=np.full(len(rows), BENIGN, dtype=object))


def _attack_rows(entry: dict[str, str], folder: Path) -> Rows | None:
    """None where the capture has no rows, or where nobody can say which of them are the attack's."""
    parties = [match.group(0) for match in map(_ADDRESS.match, (entry["attacker"], entry["victim"])) if match]
    path = folder / (re.sub(r"[^A-Za-z0-9.]", "_", entry["file"].removeprefix("dev/pcap/")) + ".csv")
    if not parties or not path.exists():
        return None
    rows = read_table(path)
    chosen = _between(rows, parties)
    return replace(rows, label=np.full(len(rows), entry["label"], dtype=object)).where(chosen)


def _between(rows: Rows, parties: list[str]) -> np.ndarray:
    """Flows that name all parties; windows, which are of one host, that name the first: the attacker where known."""
    if rows.list_name == "host-window":
        return rows.source == parties[0]
    return np.all([(rows.source == one) | (rows.destination == one) for one in parties], axis=0)


def held_out_labels(truth: Path) -> set[str]:
    """Labels of the attacks in a scenario's truth file: models that are to be tried on it must not learn from them."""
    with truth.open(encoding="utf-8", newline="") as file:
        return {row["label"] for row in csv.DictReader(file)}
