"""Zeek conn logs with a header row. Lengths and gaps of packets are not told, but for directions of one packet or none."""

import numpy as np
import pandas as pd

from ..rows import BENIGN, Rows
from .derived import flow_matrix, over, with_protocol, with_rates

_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1}
_ETHERNET_BYTES = 14
_ESTABLISHED = ("SF", "S1", "S2", "S3", "RSTO", "RSTR")


def is_zeek(frame: pd.DataFrame) -> bool:
    return "conn_state" in frame.columns and "orig_ip_bytes" in frame.columns


def read_zeek(frame: pd.DataFrame) -> Rows:
    """Rows of the list `flow`. `detailed-label` (IoT-23) names the attack where `label` is not benign."""
    return Rows(
        list_name="flow",
        features=flow_matrix(_columns(frame)),
        time_s=frame["ts"].to_numpy(float),
        source=frame["id.orig_h"].astype(str).to_numpy(dtype=object),
        destination=frame["id.resp_h"].astype(str).to_numpy(dtype=object),
        destination_port=frame["id.resp_p"].fillna(0).to_numpy(int),
        label=_label(frame),
    )


def _label(frame: pd.DataFrame) -> np.ndarray:
    if "label" not in frame:
        return np.full(len(frame), BENIGN, dtype=object)
    benign = frame["label"].astype(str).str.lower().str.startswith("benign")
    named = frame.get("detailed-label", frame["label"]).fillna("malicious").astype(str)
    return np.where(benign, BENIGN, named).astype(object)


def _columns(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    columns = {"durationS": frame["duration"].fillna(0).to_numpy(float)}
    for who, side in (("originator", "orig"), ("responder", "resp")):
        columns |= _direction(frame, who, side)
    with_rates(columns)
    with_protocol(columns, frame["proto"].map(_PROTOCOLS).fillna(0).to_numpy(int))
    return columns | _history(frame, columns) | _outcome(frame, columns)


def _direction(frame: pd.DataFrame, who: str, side: str) -> dict[str, np.ndarray]:
    count = frame[f"{side}_pkts"].fillna(0).to_numpy(float)
    frames = frame[f"{side}_ip_bytes"].fillna(0).to_numpy(float) + _ETHERNET_BYTES * count
    columns = {f"{who}Packets": count, f"{who}Bytes": frames}
    columns[f"{who}PayloadBytes"] = frame[f"{side}_bytes"].fillna(0).to_numpy(float)
    length = np.where(count > 1, np.nan, over(frames, count))
    columns |= {f"{who}LengthMinBytes": length, f"{who}LengthMaxBytes": length}
    spread = np.where(count > 1, np.nan, 0)
    untold = ("LengthDeviationBytes", "GapMinMs", "GapMeanMs", "GapMaxMs", "GapDeviationMs")
    return columns | {who + name: spread for name in untold}


def _history(frame: pd.DataFrame, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Capital letters are the originator's; Zeek does not tell PSH and URG."""
    history = frame["history"].fillna("").astype(str)
    has = lambda pattern: history.str.contains(pattern, regex=True).to_numpy()
    flags = {"synSeen": has("[Ss]"), "finSeen": has("[Ff]"), "originatorResetSeen": has("R"), "responderResetSeen": has("r")}
    return {name: seen & columns["protocolTcp"] for name, seen in flags.items()}


def _outcome(frame: pd.DataFrame, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    state = frame["conn_state"].fillna("").astype(str)
    tcp = columns["protocolTcp"]
    return {
        "answered": columns["responderPackets"] > 0,
        "established": tcp & state.isin(_ESTABLISHED).to_numpy(),
        "halfOpen": tcp & state.isin(("S0", "SH", "SHR", "RSTOS0")).to_numpy(),
        "rejected": tcp & (state == "REJ").to_numpy(),
        "finished": tcp & (state == "SF").to_numpy(),
    }
