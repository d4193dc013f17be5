from dataclasses import replace

import numpy as np
import pytest

from weir_models.evaluation import _halves, _left_out, across_with_local, evaluate
from weir_models.evaluation_page import BEGIN, END, doubtful, into_page
from weir_models.feature_lists import feature_names
from weir_models.measures import area_under_roc, f1, rate_interval, recall_by_class
from weir_models.pretraining import capture_sources, held_out_labels
from weir_models.rows import joined
from weir_models.settings import settings_from
from weir_models.tables.nsl_kdd import read_nsl_kdd

from .conftest import made_up


@pytest.fixture(scope="module")
def attacks():
    second = made_up(40, 3, True)
    return joined([made_up(40, 2, True), replace(second, label=np.full(40, "scan", dtype=object))])


def test_an_unknown_class_is_never_learned_from(attacks):
    for trial in _left_out(attacks):
        assert not set(attacks.label[trial.learned]) & set(attacks.label[trial.tried])


def test_a_known_class_is_tried_on_what_came_after_what_was_learned(attacks):
    trial = _halves(attacks)
    for one in ("flood", "scan"):
        mask = attacks.label == one
        assert attacks.time_s[mask & trial.learned].max() < attacks.time_s[mask & trial.tried].min()


def test_every_model_and_baseline_is_told_by_class(attacks):
    small = settings_from({"boosting": {"trees": 5}, "guarded_boosting": {"trees": 5}, "autoencoder": {"epochs": 3}, "calibration": {"blocks": 2}})
    outcomes = evaluate(made_up(300, 1, False), attacks, small)
    assert outcomes.keys() == {"known", "unknown"}
    boosting = next(one for one in outcomes["unknown"] if one.model == "boosting")
    assert boosting.recall == {"flood": 1, "scan": 1} and boosting.rate < 0.05
    assert {"bytesPerSecond", "guarded-boosting", "fisher of boosting, isolation-forest, contrast"} <= {one.model for one in outcomes["known"]}


def test_a_model_of_the_place_is_not_tried_on_rows_that_it_learned_from(attacks):
    small = settings_from({"boosting": {"trees": 5}, "contrast": {"trees": 5}, "calibration": {"blocks": 2}})
    area, recall, rate = across_with_local(made_up(300, 1, False), attacks, made_up(600, 4, False), attacks, small)
    assert area > 0.9 and recall > 0.5 and rate < 0.03


def test_benign_rows_of_an_attacking_host_are_doubted_where_they_call_its_server_or_what_never_answers():
    names = feature_names("flow")
    benign, attacks = made_up(6, 1, False), made_up(2, 2, True)
    hosts = lambda some: np.array(some, dtype=object)
    for rows in (benign, attacks):
        rows.features[:, names.index("protocolTcp")] = 1
        rows.features[:, names.index("answered")] = 0
    benign.features[4, names.index("answered")] = 1
    attacks = replace(attacks, label=hosts(["C&C"] * 2), source=hosts(["bad"] * 2), destination=hosts(["server"] * 2))
    benign = replace(
        benign,
        source=hosts(["bad", "bad", "good", "bad", "bad", "good"]),
        destination=hosts(["server", "dead", "server", "alive", "alive", "dead"]),
        destination_port=np.array([80, 53, 80, 80, 80, 53]),
    )
    to_server, to_dead = doubtful(benign, attacks)
    assert to_server.tolist() == [True, False, False, False, False, False]
    assert to_dead.tolist() == [False, True, False, False, False, False]


def test_the_tables_of_the_page_are_replaced_and_the_rest_stays():
    page = into_page(f"a\n{BEGIN}\nold\n{END}\nb\n", ["### one\n", "### two\n"])
    assert page.startswith(f"a\n{BEGIN}\n") and page.endswith(f"{END}\nb\n")
    assert "### one" in page and "### two" in page and "old" not in page
    with pytest.raises(ValueError, match="to write between"):
        into_page("no marks", [])


def test_measures_against_hand_counted_rows():
    assert area_under_roc(np.array([0, 1]), np.array([1, 2])) == 0.875
    assert f1(np.array([0, 2]), np.array([2, 2, 0]), 1) == pytest.approx(2 / 3)
    assert recall_by_class(np.array([True, False, True]), np.array(["a", "a", "b"])) == {"a": 0.5, "b": 1}
    # Wilson's interval of 0 in 1,000 ends at z²/(n + z²).
    assert rate_interval(np.zeros(1000, bool)) == (0, pytest.approx(0.003827, abs=1e-6))


def test_nsl_kdd_words_keep_their_numbers_in_a_test_table(tmp_path):
    line = "0,tcp,{},SF," + ",".join(["0"] * 37) + ",{},20"
    (tmp_path / "train").write_text(line.format("http", "normal") + "\n" + line.format("ftp", "neptune"))
    (tmp_path / "test").write_text(line.format("http", "normal") + "\n" + line.format("new", "satan"))
    train = read_nsl_kdd(tmp_path / "train")
    test = read_nsl_kdd(tmp_path / "test", train.words)
    assert train.attack.tolist() == [False, True] and train.features.shape == (2, 41)
    assert test.features[0, 2] == train.features[0, 2] and np.isnan(test.features[1, 2])


def test_only_flows_between_attacker_and_victim_count_and_held_out_captures_do_not(tmp_path):
    header = ",".join(["time_us", "source", "destination", "destination_port", "label", *feature_names("flow")])
    zeros = "," + ",".join(["0"] * 42)
    flows = [f"0,{source},{destination},80,{zeros}" for source, destination in (("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "10.0.0.9"))]
    for name in ("benign_iot", "benign_dns", "protocol_corpus", "scan_a.pcap", "scan_b.pcap"):
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *flows]))
    manifest = tmp_path / "manifest.csv"
    rows = [f"scan,{name},dev/pcap/scan/{name}.pcap,10.0.0.1,10.0.0.2:80" for name in ("a", "b")]
    manifest.write_text("\n".join(["category,label,file,attacker,victim", *rows]))
    (tmp_path / "truth.csv").write_text("label\nb\n")
    sources = capture_sources(manifest, tmp_path, held_out_labels(tmp_path / "truth.csv"))
    told = {source.name: source.rows for source in sources}
    assert told["captures: attacks"].label.tolist() == ["a"]
    assert told["captures: attacks"].destination.tolist() == ["10.0.0.2"]
    assert len(told["captures: benign_dns"]) == 2
