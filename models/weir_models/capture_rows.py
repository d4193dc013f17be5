"""Feature rows of labelled captures, made by `weir features`: what `pretrain` learns from. One process a file, one file a time."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from .pretraining import BENIGN_CATEGORIES, attack_entries, manifest_entries, rows_of_capture

#: As the repository's root runs it.
WEIR = ("node", "cli/bin/weir.js")


def write_capture_rows(data: Path, rows: Path, list_name: str, held_out: set[str]) -> Iterator[Path]:
    """Writes what is not there yet into `rows` and gives each new file. Raises ValueError where Weir cannot read a capture."""
    rows.mkdir(parents=True, exist_ok=True)
    for out, captures in _wanted(data, held_out):
        if not (rows / out).exists():
            _features(captures, list_name, rows / out)
            yield rows / out


def _wanted(data: Path, held_out: set[str]) -> Iterator[tuple[str, list[Path]]]:
    """(file of rows, captures): all of a category where they are benign, else each alone."""
    entries = manifest_entries(data / "manifest_pcap.csv", held_out)
    path = lambda entry: data / entry["file"].removeprefix("dev/")
    for category in BENIGN_CATEGORIES:
        yield f"{category}.csv", [path(entry) for entry in entries if entry["category"] == category]
    for entry in attack_entries(entries):
        yield rows_of_capture(entry), [path(entry)]


def _features(captures: list[Path], list_name: str, out: Path) -> None:
    """Written beside and then moved, so that a run that was broken off leaves no half of a file."""
    part = out.with_suffix(".part")
    done = subprocess.run([*WEIR, "features", *map(str, captures), "--list", list_name, "--out", str(part)], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f"weir features could not make {out.name}: {done.stderr.strip()[-300:]} Run it in Weir's folder, built.")
    part.rename(out)
