"""What all flow readers derive in the same way from counts: the columns of the list `flow`."""

import numpy as np
import pandas as pd

from ..feature_lists import feature_names

#: Shortest duration that a rate is taken over, s.
SHORTEST_S = 0.001


def over(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """top / bottom, and 0 where bottom is 0."""
    return np.divide(top, bottom, out=np.zeros(len(top)), where=np.asarray(bottom) != 0)


def with_rates(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Adds shares, rates and means to packets, payload and frame bytes of both directions."""
    packets = columns["originatorPackets"] + columns["responderPackets"]
    payload = columns["originatorPayloadBytes"] + columns["responderPayloadBytes"]
    frames = columns["originatorBytes"] + columns["responderBytes"]
    duration_s = np.maximum(columns["durationS"], SHORTEST_S)
    columns["packetsPerSecond"] = packets / duration_s
    columns["bytesPerSecond"] = frames / duration_s
    columns["responderPacketShare"] = over(columns["responderPackets"], packets)
    columns["responderPayloadShare"] = over(columns["responderPayloadBytes"], payload)
    for who in ("originator", "responder"):
        count = columns[f"{who}Packets"]
        columns[f"{who}PayloadPerPacketBytes"] = over(columns[f"{who}PayloadBytes"], count)
        columns[f"{who}LengthMeanBytes"] = over(columns[f"{who}Bytes"], count)
    return columns


def with_protocol(columns: dict[str, np.ndarray], protocol: np.ndarray) -> dict[str, np.ndarray]:
    """Adds the protocol as three columns of 0 and 1 (IANA numbers: 6, 17, 1 and 58)."""
    columns["protocolTcp"] = protocol == 6
    columns["protocolUdp"] = protocol == 17
    columns["protocolIcmp"] = np.isin(protocol, (1, 58))
    return columns


def flow_matrix(columns: dict[str, np.ndarray]) -> np.ndarray:
    """The columns of the list `flow`, in its order; what a table does not tell is NaN."""
    rows = len(columns["durationS"])
    untold = np.full(rows, np.nan)
    matrix = [np.asarray(columns.get(name, untold), dtype=np.float32) for name in feature_names("flow")]
    return np.column_stack(matrix)


def seconds(times: pd.Series) -> np.ndarray:
    """Seconds since 1970-01-01 UTC of dates without a zone."""
    stamps = pd.to_datetime(times, format="mixed")
    return ((stamps - pd.Timestamp(0)) / pd.Timedelta(seconds=1)).to_numpy(dtype=float)
