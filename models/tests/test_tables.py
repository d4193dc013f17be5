"""Small tables, made up, in the spelling of each format."""

import json

import numpy as np
import pytest

from weir_models.feature_lists import feature_names
from weir_models.tables import read_table

FLOW = feature_names("flow")


def value(rows, name: str, row: int = 0) -> float:
    return float(rows.features[row, FLOW.index(name)])


CICIDS = {
    "Dst Port": 80, "Protocol": 6, "Timestamp": "2017-07-03 12:00:00.5", "Flow Duration": 2_000_000,
    "Total Fwd Packet": 4, "Total Bwd packets": 2, "Total Length of Fwd Packet": 400, "Total Length of Bwd Packet": 100,
    "Fwd Packet Length Max": 200, "Fwd Packet Length Min": 0, "Fwd Packet Length Std": 81.6,
    "Bwd Packet Length Max": 100, "Bwd Packet Length Min": 0, "Bwd Packet Length Std": 70.7,
    "Fwd IAT Mean": 600_000, "Fwd IAT Std": 5, "Fwd IAT Max": 900_000, "Fwd IAT Min": 100_000,
    "Bwd IAT Mean": 1000, "Bwd IAT Std": 0, "Bwd IAT Max": 1000, "Bwd IAT Min": 1000,
    "Fwd PSH Flags": 1, "Bwd PSH Flags": 0, "Fwd RST Flags": 0, "Bwd RST Flags": 1, "Fwd Header Length": 80,
    "Bwd Header Length": 40, "FIN Flag Count": 2, "SYN Flag Count": 2, "RST Flag Count": 1, "PSH Flag Count": 1,
    "ACK Flag Count": 5, "URG Flag Count": 0, "Src IP": "10.0.0.1", "Dst IP": "10.0.0.2", "Label": "FTP-Patator",
}  # fmt: skip


def write_csv(path, rows: list[dict]):
    path.write_text("\n".join([",".join(rows[0]), *(",".join(str(one) for one in row.values()) for row in rows)]))
    return path


def test_cicids_payload_lengths_become_frame_lengths_and_microseconds_milliseconds(tmp_path):
    rows = read_table(write_csv(tmp_path / "t.csv", [CICIDS]))
    assert (value(rows, "durationS"), value(rows, "originatorGapMinMs")) == (2, 100)
    assert value(rows, "originatorLengthMaxBytes") == 200 + 34 + 20
    assert value(rows, "originatorLengthMeanBytes") == 100 + 54
    assert (value(rows, "established"), value(rows, "finished"), value(rows, "rejected")) == (1, 1, 0)
    assert (value(rows, "responderResetSeen"), value(rows, "originatorResetSeen")) == (1, 0)
    assert rows.label.tolist() == ["FTP-Patator"] and rows.time_s[0] % 60 == 0.5


def test_cicids_first_edition_has_stray_spaces_and_no_addresses(tmp_path):
    old = {" Total Fwd Packets": 4, " Total Backward Packets": 2, " Total Length of Fwd Packets": 400,
           " Total Length of Bwd Packets": 100, " Destination Port": 80}  # fmt: skip
    gone = ("Src IP", "Dst IP", "Protocol", "Timestamp", "Dst Port", "Fwd RST Flags", "Bwd RST Flags", "Label")
    gone += ("Total Fwd Packet", "Total Bwd packets", "Total Length of Fwd Packet", "Total Length of Bwd Packet")
    row = old | {f" {name}": cell for name, cell in CICIDS.items() if name not in gone} | {" Label": "BENIGN"}
    rows = read_table(write_csv(tmp_path / "t.csv", [row]))
    assert (value(rows, "originatorPackets"), value(rows, "protocolTcp")) == (4, 1)
    assert np.isnan(value(rows, "responderResetSeen"))
    assert rows.label.tolist() == ["benign"]


def test_zeek_does_not_tell_lengths_but_of_single_packets(tmp_path):
    row = {"ts": 1.5, "id.orig_h": "10.0.0.1", "id.resp_h": "10.0.0.2", "id.resp_p": 23, "proto": "tcp", "duration": "-",
           "orig_bytes": "-", "resp_bytes": "-", "conn_state": "S0", "history": "S", "orig_pkts": 1, "orig_ip_bytes": 40,
           "resp_pkts": 0, "resp_ip_bytes": 0, "label": "malicious", "detailed-label": "C&C"}  # fmt: skip
    rows = read_table(write_csv(tmp_path / "conn.csv", [row, row | {"orig_pkts": 3, "orig_ip_bytes": 120}]))
    assert value(rows, "originatorLengthMaxBytes") == 54 and np.isnan(value(rows, "originatorLengthMaxBytes", 1))
    assert (value(rows, "halfOpen"), value(rows, "answered"), value(rows, "synSeen")) == (1, 0, 1)
    assert np.isnan(value(rows, "originatorPushSeen")) and rows.label[0] == "C&C"


def test_rows_of_weir_features_are_taken_as_they_are(tmp_path):
    row = {"time_us": 1_500_000, "source": "10.0.0.1", "destination": "10.0.0.2", "destination_port": 80, "label": ""}
    row |= {name: at for at, name in enumerate(FLOW)} | {"urgentSeen": ""}
    rows = read_table(write_csv(tmp_path / "rows.csv", [row, row | {"label": "scan"}]))
    assert rows.list_name == "flow" and value(rows, "durationS") == FLOW.index("durationS")
    assert np.isnan(value(rows, "urgentSeen"))
    assert (rows.label.tolist(), rows.time_s[0]) == (["benign", "scan"], 1.5)


def test_rows_of_an_unknown_list_are_refused_with_the_names_that_differ(tmp_path):
    row = {"time_us": 0, "source": "a"} | {name: 0 for name in FLOW if name != "finSeen"}
    with pytest.raises(ValueError, match='nearest is "flow", but finSeen is missing'):
        read_table(write_csv(tmp_path / "rows.csv", [row]))


def test_a_table_that_is_none_of_those_known_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="what.csv"):
        read_table(write_csv(tmp_path / "what.csv", [{"a": 1}]))


def test_flow_records_of_weir_analyze(tmp_path):
    record = {"startUs": 1e6, "endUs": 3e6, "originatorAddress": "a", "responderAddress": "b", "responderPort": 22,
              "protocol": 6, "outcome": "rejected"}  # fmt: skip
    for who in ("originator", "responder"):
        record |= {f"{who}{name}Bytes": 60 for name in ("", "Payload", "LengthMin", "LengthMax", "LengthDeviation")}
        record |= {f"{who}Gap{name}Us": 1000 for name in ("Min", "Mean", "Max", "Deviation")} | {f"{who}Packets": 1}
    record |= {"originatorTcpFlags": 2, "responderTcpFlags": 20}
    path = tmp_path / "flows.jsonl"
    path.write_text(json.dumps(record) + "\n")
    rows = read_table(path)
    assert (value(rows, "durationS"), value(rows, "responderGapMaxMs"), value(rows, "rejected")) == (2, 1, 1)
    assert (value(rows, "synSeen"), value(rows, "responderResetSeen"), value(rows, "originatorResetSeen")) == (1, 1, 0)
