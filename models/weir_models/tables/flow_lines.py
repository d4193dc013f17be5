"""Flow records as `weir analyze --flows FILE.jsonl` writes them: one JSON object a line."""

import json
from pathlib import Path

import numpy as np

from ..rows import BENIGN, Rows
from .derived import flow_matrix, with_protocol, with_rates

_FLAGS = {"fin": 1, "syn": 2, "reset": 4, "push": 8, "urgent": 32}
_SAME = ("Packets", "Bytes", "PayloadBytes", "LengthMinBytes", "LengthMaxBytes", "LengthDeviationBytes")
_GAPS = ("GapMin", "GapMean", "GapMax", "GapDeviation")


def is_flow_lines(path: Path) -> bool:
    return path.suffix == ".jsonl"


def read_flow_lines(path: Path) -> Rows:
    """Rows of the list `flow`, labelled benign: the records carry no label."""
    with path.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    column = lambda name, kind=float: np.array([record[name] for record in records], dtype=kind)
    return Rows(
        list_name="flow",
        features=flow_matrix(_columns(column)) if records else np.empty((0, 42), np.float32),
        time_s=column("startUs") / 1e6,
        source=column("originatorAddress", object),
        destination=column("responderAddress", object),
        destination_port=column("responderPort", int),
        label=np.full(len(records), BENIGN, dtype=object),
    )


def _columns(column) -> dict[str, np.ndarray]:
    columns = {"durationS": (column("endUs") - column("startUs")) / 1e6}
    for who in ("originator", "responder"):
        columns |= {who + name: column(who + name) for name in _SAME}
        columns |= {f"{who}{name}Ms": column(f"{who}{name}Us") / 1000 for name in _GAPS}
    with_rates(columns)
    with_protocol(columns, column("protocol", int))
    flags = {who: column(f"{who}TcpFlags", int) for who in ("originator", "responder")}
    return columns | _flag_columns(flags) | _outcome(column("outcome", object), columns)


def _flag_columns(flags: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    either = flags["originator"] | flags["responder"]
    columns = {f"{name}Seen": (either & _FLAGS[name]) > 0 for name in ("syn", "fin", "urgent")}
    for who, seen in flags.items():
        columns[f"{who}ResetSeen"] = (seen & _FLAGS["reset"]) > 0
        columns[f"{who}PushSeen"] = (seen & _FLAGS["push"]) > 0
    return columns


def _outcome(outcome: np.ndarray, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        "answered": columns["responderPackets"] > 0,
        "established": np.isin(outcome, ("established", "finished", "reset")),
        "halfOpen": np.isin(outcome, ("halfOpen", "handshakeIncomplete")),
        "rejected": outcome == "rejected",
        "finished": outcome == "finished",
    }
