"""CICIDS2017 as CICFlowMeter writes it, in the spelling of its first edition and of the corrected one.

Its "packet lengths" are payload: 34 bytes of Ethernet and IPv4 header and the mean transport header are added for frames.
"""

import numpy as np
import pandas as pd

from ..rows import BENIGN, Rows
from .derived import flow_matrix, seconds, with_protocol, with_rates

_ALIASES = {
    "Total Fwd Packet": "Total Fwd Packets",
    "Total Bwd packets": "Total Backward Packets",
    "Total Length of Fwd Packet": "Total Length of Fwd Packets",
    "Total Length of Bwd Packet": "Total Length of Bwd Packets",
    "Source IP": "Src IP",
    "Destination IP": "Dst IP",
    "Destination Port": "Dst Port",
}
_SIDES = (("originator", "Fwd", "Total Fwd Packets"), ("responder", "Bwd", "Total Backward Packets"))
_GAPS = (("GapMinMs", "Min"), ("GapMeanMs", "Mean"), ("GapMaxMs", "Max"), ("GapDeviationMs", "Std"))


def is_cicids(frame: pd.DataFrame) -> bool:
    return "Flow Duration" in frame.columns and "Label" in frame.columns


def read_cicids(frame: pd.DataFrame) -> Rows:
    """Rows of the list `flow`; without times, the order of the table counts as seconds."""
    frame = frame.rename(columns=_ALIASES)
    count = len(frame)
    label = frame["Label"].astype(str).str.strip().to_numpy(dtype=object)
    return Rows(
        list_name="flow",
        features=flow_matrix(_columns(frame)),
        time_s=seconds(frame["Timestamp"]) if "Timestamp" in frame else np.arange(count, dtype=float),
        source=_text(frame, "Src IP"),
        destination=_text(frame, "Dst IP"),
        destination_port=frame["Dst Port"].to_numpy(dtype=int),
        label=np.where(label == "BENIGN", BENIGN, label),
    )


def _text(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].astype(str).to_numpy(dtype=object) if name in frame else np.full(len(frame), "", dtype=object)


def _columns(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    columns = {"durationS": np.maximum(frame["Flow Duration"].to_numpy(float), 0) / 1e6}
    for who, side, packets in _SIDES:
        columns |= _direction(frame, who, side, packets)
    with_rates(columns)
    with_protocol(columns, _protocol(frame))
    return columns | _flags(frame) | _outcome(frame, columns)


def _direction(frame: pd.DataFrame, who: str, side: str, packets: str) -> dict[str, np.ndarray]:
    count = frame[packets].to_numpy(float)
    payload = frame[f"Total Length of {side} Packets"].to_numpy(float)
    header = 34 + np.divide(frame[f"{side} Header Length"].to_numpy(float), np.maximum(count, 1))
    columns = {f"{who}Packets": count, f"{who}PayloadBytes": payload, f"{who}Bytes": payload + count * header}
    for name, statistic in (("LengthMinBytes", "Min"), ("LengthMaxBytes", "Max")):
        columns[who + name] = np.where(count > 0, frame[f"{side} Packet Length {statistic}"].to_numpy(float) + header, 0)
    columns[f"{who}LengthDeviationBytes"] = frame[f"{side} Packet Length Std"].to_numpy(float)
    for name, statistic in _GAPS:
        columns[who + name] = np.where(count > 1, frame[f"{side} IAT {statistic}"].to_numpy(float) / 1000, 0)
    return columns


def _protocol(frame: pd.DataFrame) -> np.ndarray:
    """The files without addresses do not tell the protocol; flags and header lengths show TCP."""
    if "Protocol" in frame:
        return frame["Protocol"].to_numpy(int)
    flags = frame["ACK Flag Count"] + frame["SYN Flag Count"] + frame["FIN Flag Count"] + frame["PSH Flag Count"]
    return np.where(flags.to_numpy() > 0, 6, 17)


def _flags(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    flags = {"synSeen": "SYN Flag Count", "finSeen": "FIN Flag Count", "urgentSeen": "URG Flag Count"}
    flags |= {"originatorPushSeen": "Fwd PSH Flags", "responderPushSeen": "Bwd PSH Flags"}
    flags |= {"originatorResetSeen": "Fwd RST Flags", "responderResetSeen": "Bwd RST Flags"}
    return {ours: frame[theirs].to_numpy() > 0 for ours, theirs in flags.items() if theirs in frame}


def _outcome(frame: pd.DataFrame, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """FlowOutcome from counts, as Weir's reader of flow tables sees it."""
    tcp = columns["protocolTcp"]
    answered = columns["responderPackets"] > 0
    silent = columns["originatorPayloadBytes"] + columns["responderPayloadBytes"] == 0
    refused = tcp & answered & silent & (frame["RST Flag Count"].to_numpy() > 0)
    established = tcp & answered & ~refused & (columns["originatorPackets"] > 1)
    return {
        "answered": answered,
        "established": established,
        "halfOpen": tcp & ~answered & (frame["SYN Flag Count"].to_numpy() > 0),
        "rejected": refused,
        "finished": established & (frame["FIN Flag Count"].to_numpy() > 1),
    }
