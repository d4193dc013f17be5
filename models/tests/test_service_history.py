from dataclasses import replace

import numpy as np

from weir_models.feature_lists import feature_names
from weir_models.rows import Rows
from weir_models.service_history import LENGTH_S, MOST_FLOWS, with_service_history

COUNT, LAST_GAP, MEAN_GAP, VARIATION, DIFFERENCE, ALIKE, FAILED = range(-7, 0)


def flows(times, payloads, answered=True, port=22) -> Rows:
    """Flows of one source at one service, with the originator's payload as told."""
    count = len(times)
    features = np.zeros((count, 42), np.float32)
    features[:, feature_names("flow").index("originatorPayloadBytes")] = payloads
    features[:, feature_names("flow").index("answered")] = answered
    column = lambda value: np.full(count, value, dtype=object)
    return Rows("flow", features, np.array(times, float), column("a"), column("b"), np.full(count, port), column("benign"))


def history(rows: Rows, at: int) -> np.ndarray:
    return with_service_history(rows, rows).features[at]


def test_the_first_flow_has_no_history():
    first = history(flows([0], [100]), 0)
    assert first[COUNT] == 0 and first[ALIKE] == 0 and np.isnan(first[LAST_GAP])


def test_gaps_and_what_is_alike_in_a_row():
    last = history(flows([0, 10, 20, 50], [1000, 100, 105, 99]), 3)
    assert last[COUNT] == 3 and last[LAST_GAP] == 30
    assert last[MEAN_GAP] == np.float32(50 / 3)
    assert last[VARIATION] == np.float32(np.std([10, 10, 30]) / (50 / 3))
    assert last[ALIKE] == 2


def test_failures_in_a_row_end_with_an_answer():
    rows = flows([0, 1, 2, 3], [0, 0, 0, 0], answered=np.array([0, 1, 0, 0]))
    assert history(rows, 3)[FAILED] == 2
    assert history(rows, 1)[FAILED] == 0


def test_neither_other_services_nor_what_is_long_past_nor_what_comes_later_counts():
    rows = flows([0, LENGTH_S, LENGTH_S + 5], [1, 1, 1])
    assert history(rows, 1)[COUNT] == 0
    other = replace(rows, destination_port=np.array([22, 23, 24]))
    assert history(other, 2)[COUNT] == 0
    assert history(flows(range(20), [1] * 20), 19)[COUNT] == MOST_FLOWS
