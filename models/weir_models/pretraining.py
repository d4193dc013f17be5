"""How the models that ship with Weir were made: from a folder of labelled captures and flow tables.

Expected: `manifest_pcap.csv` (category, label, file, attacker, victim) beside the captures and tables that it names. `weir features`
makes of them `<category>.csv` for all benign ones of a category, `<category>_<file>.csv` for each attack. No data is kept in a model.
"""

import csv
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from .evaluation_page import table_in_context
from .rows import BENIGN, Rows, joined
from .settings import Settings, read_settings
from .tables import read_table
from .training_set import Source, read_source

#: Lists that models ship for, and the flow tables that some of them learn from too.
PRETRAINED = ("flow", "flow-context", "host-window")
#: What Weir uses as it comes.
IN_USE = ("flow-fusion",)
_FLOW_TABLES = ("cicids2017_improved_dev.csv", "iot23_zeek_dev.csv")
BENIGN_CATEGORIES = ("benign_iot", "benign_dns", "protocol_corpus")
#: An address at the start of the manifest's attacker or victim; `many`, `spoofed` and the like are none.
_ADDRESS = re.compile(r"^(\d+\.\d+\.\d+\.\d+)(?![\d/])|^([0-9a-f:]+:[0-9a-f:]+)$")


def capture_sources(manifest: Path, rows_folder: Path, held_out: set[str]) -> list[Source]:
    """One source for each category of benign captures, and one for all attacks but the labels `held_out`."""
    entries = manifest_entries(manifest, held_out)
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    benign = [(name, _benign_rows(rows_folder / f"{name}.csv")) for name in BENIGN_CATEGORIES]
    attacks = [_attack_rows(entry, rows_folder) for entry in attack_entries(entries) if (rows_folder / rows_of_capture(entry)).exists()]
    parts = [*benign, ("attacks", joined(attacks))]
    return [Source(f"captures: {name}", digest, rows) for name, rows in parts]


def manifest_entries(manifest: Path, held_out: set[str]) -> list[dict[str, str]]:
    """A dictionary a capture, but of those with a label `held_out`."""
    with manifest.open(encoding="utf-8", newline="") as file:
        return [entry for entry in csv.DictReader(file) if entry["label"] not in held_out]


def attack_entries(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    """Captures of attacks of which an address is known: of the others nobody can say which rows are the attack's."""
    return [entry for entry in entries if entry["category"] not in BENIGN_CATEGORIES and _parties(entry)]


def rows_of_capture(entry: dict[str, str]) -> str:
    """Name of the file with the rows of an attack's capture."""
    return re.sub(r"[^A-Za-z0-9.]", "_", entry["file"].removeprefix("dev/pcap/")) + ".csv"


def _parties(entry: dict[str, str]) -> list[str]:
    return [match.group(0) for match in map(_ADDRESS.match, (entry["attacker"], entry["victim"])) if match]


def _benign_rows(path: Path) -> Rows:
    rows = read_table(path)
    return replace(rows, label=np.full(len(rows), BENIGN, dtype=object))


def _attack_rows(entry: dict[str, str], folder: Path) -> Rows:
    rows = read_table(folder / rows_of_capture(entry))
    chosen = _between(rows, _parties(entry))
    return replace(rows, label=np.full(len(rows), entry["label"], dtype=object)).where(chosen)


def _between(rows: Rows, parties: list[str]) -> np.ndarray:
    """Flows that name all parties; windows, which are of one host, that name the first: the attacker where known."""
    if rows.list_name == "host-window":
        return rows.source == parties[0]
    return np.all([(rows.source == one) | (rows.destination == one) for one in parties], axis=0)


def pretraining_settings(list_name: str) -> Settings:
    """Those that the shipped models of a list were made with."""
    return read_settings(Path(__file__).parents[1] / f"pretraining-{list_name}.json", list_name)


def table_sources(data: Path, list_name: str, seed: int) -> list[Source]:
    """Flow tables, in context where the list tells it; none for windows of hosts, which they do not show."""
    if list_name == "host-window":
        return []
    tables = [read_source(data / "flows" / name) for name in _FLOW_TABLES]
    if list_name == "flow":
        return tables
    return [replace(one, rows=joined(list(table_in_context(one.rows, seed)))) for one in tables]


def held_out_labels(truth: Path) -> set[str]:
    """Labels of the attacks in a scenario's truth file: models that are to be tried on it must not learn from them."""
    with truth.open(encoding="utf-8", newline="") as file:
        return {row["label"] for row in csv.DictReader(file)}
