import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from weir_models.context import HISTORY_S, flows_in_context, in_context
from weir_models.feature_lists import feature_names
from weir_models.rows import Rows

NAMES = feature_names("flow-context")
#: Flows with what both languages must tell of each: functions/src/features/flow-context.test.ts reads it too.
FIXTURE = Path(__file__).parents[1] / "fixtures" / "context" / "rows.json"
_TOLD = ("originatorPayloadBytes", "responderPayloadBytes", "originatorPackets", "answered", "rejected")


def flows(times, payloads=0, answered=True, port=22, source="10.0.0.1", destination="10.0.0.2") -> Rows:
    """Flows of one source at one service but where more are named, with the originator's payload as told."""
    count = len(times)
    features = np.zeros((count, 42), np.float32)
    features[:, NAMES.index("originatorPayloadBytes")] = payloads
    features[:, NAMES.index("answered")] = answered
    column = lambda value: np.array([value] * count if isinstance(value, str) else list(value), dtype=object)
    ports = np.full(count, port) if isinstance(port, int) else np.array(port)
    return Rows("flow", features, np.array(times, float), column(source), column(destination), ports, column("benign"))


def told(rows: Rows, name: str, remembered=None) -> list[float]:
    mask = np.ones(len(rows), bool) if remembered is None else np.array(remembered)
    return in_context(rows, mask).features[:, NAMES.index(name)].tolist()


def test_flows_before_fade_and_the_flow_itself_counts():
    assert np.allclose(told(flows([0, 10, 20]), "pairFlows10s"), [1, 1 + np.exp(-1), 1 + np.exp(-1) + np.exp(-2)])


def test_failed_flows_are_told_as_a_share():
    assert np.allclose(told(flows([0, 0, 0], answered=np.array([0, 1, 0])), "sourceFailedShare60s"), [1, 1 / 2, 2 / 3])


def test_a_peer_counts_when_it_is_none_of_the_eight_newest():
    names = [f"10.0.1.{k}" for k in (*range(9), 8, 0)]
    assert told(flows([0] * 11, destination=names), "sourcePeers10s") == [*range(1, 10), 9, 10]
    assert told(flows([0] * 3, port=[1, 2, 1]), "destinationPorts10s") == [1, 2, 2]


def test_the_first_flow_of_a_service_has_no_flow_before_for_an_hour():
    rows = flows([0], 100)
    assert [told(rows, f"service{name}")[0] for name in ("Flows", "GapLastS", "GapMeanS", "AlikeInARow")] == [0, HISTORY_S, HISTORY_S, 0]


def test_gaps_and_what_is_alike_in_a_row():
    rows = flows([0, 10, 20, 50], [1000, 100, 105, 99])
    last = lambda name: told(rows, f"service{name}")[3]
    assert (last("Flows"), last("GapLastS"), last("AlikeInARow")) == (3, 30, 2)
    assert last("GapMeanS") == np.float32(50 / 3)
    assert last("GapVariation") == np.float32(np.std([10, 10, 30]) / (50 / 3))


def test_failures_in_a_row_end_with_an_answer():
    assert told(flows([0, 1, 2, 3], answered=np.array([0, 1, 0, 0])), "serviceFailedInARow") == [1, 0, 1, 2]


def test_neither_other_services_nor_what_is_long_past_counts_and_of_many_only_the_newest():
    assert told(flows([0, HISTORY_S + 5]), "serviceFlows") == [0, 0]
    assert told(flows([0, 1], port=[22, 23]), "serviceFlows") == [0, 0]
    assert told(flows(range(20)), "serviceFlows")[-1] == 8


def test_what_is_not_remembered_is_told_its_context_and_is_in_that_of_none():
    assert told(flows([0, 1, 2]), "serviceFlows", [True, False, True]) == [0, 1, 1]


def test_attacks_are_thinned_to_the_density_of_benign_rows():
    attacks = replace(flows(np.arange(400) / 10), label=np.full(400, "flood", dtype=object))
    benign = flows([100])
    whole = flows_in_context(benign, attacks, {}, 1)[0].features[0, NAMES.index("pairFlows300s")]
    thin = flows_in_context(benign, attacks, {"flood": 0.1}, 1)[0].features[0, NAMES.index("pairFlows300s")]
    assert whole > 300 and 15 < thin < 60


def made_up_flows(count: int = 240) -> Rows:
    """Few hosts and services, so that all that is told of before is told; times in whole milliseconds."""
    random = np.random.default_rng(7)
    pick = lambda names: random.choice(names, count)
    hosts = [f"10.0.0.{k}" for k in range(1, 13)]
    rows = flows(np.cumsum(random.choice([0, 0.25, 3, 40, 900], count)) + 1_700_000_000, source=pick(hosts[:4]), destination=pick(hosts), port=pick([22, 53, 80]))
    draws = {"originatorPayloadBytes": [0, 40, 41, 900], "responderPayloadBytes": [0, 120], "originatorPackets": [1, 4]}
    for name, values in (draws | {"answered": [0, 1, 1], "rejected": [0, 0, 1]}).items():
        rows.features[:, NAMES.index(name)] = pick(values)
    return rows


def test_the_rows_that_node_is_held_to_are_told_as_here():
    rows = made_up_flows()
    context = in_context(rows, np.ones(len(rows), bool)).features[:, 42:]
    if os.environ.get("WEIR_REWRITE_FIXTURES"):
        _write(rows, context)
    fixture = json.loads(FIXTURE.read_text(encoding="utf-8"))
    np.testing.assert_allclose(np.array([one["context"] for one in fixture["flows"]]), context, rtol=1e-6, atol=1e-30)
    assert [one["startS"] for one in fixture["flows"]] == rows.time_s.tolist()


def _write(rows: Rows, context: np.ndarray) -> None:
    column = lambda name: rows.features[:, NAMES.index(name)].tolist()
    keys = {"startS": rows.time_s.tolist(), "source": rows.source, "destination": rows.destination, "port": rows.destination_port.tolist()}
    columns = keys | {name: column(name) for name in _TOLD} | {"context": [[float(f"{value:.9g}") for value in row] for row in context]}
    lines = [json.dumps(dict(zip(columns, values))) for values in zip(*columns.values())]
    FIXTURE.write_text('{ "flows": [\n' + ",\n".join(lines) + "\n] }\n", encoding="utf-8")
