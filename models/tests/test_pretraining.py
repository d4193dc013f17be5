"""Rows of captures are made by Weir where they are missing, and settings of a list are its own."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest

from weir_models import capture_rows
from weir_models.__main__ import _write_default
from weir_models.learners import LEARNERS
from weir_models.pretraining import PRETRAINED, pretraining_settings
from weir_models.registry import models_in_use, write_use
from weir_models.settings import default_settings, settings_from

#: Stands in for Weir: writes what it was asked for, and fails on a capture named `broken`.
_ASKED = """
import sys
arguments = sys.argv[1:]
if any("broken" in one for one in arguments): sys.exit("no packets in it")
open(arguments[arguments.index("--out") + 1], "w").write(" ".join(arguments))
"""
_MANIFEST = """category,label,file,attacker,victim
benign_iot,benign,dev/pcap/benign_iot/a.pcap,,
benign_iot,benign,dev/pcap/benign_iot/b.pcap,,
scan,syn,dev/pcap/scan/s 1.pcap,10.0.0.1,10.0.0.2
scan,nobody,dev/pcap/scan/n.pcap,many,many
flood,held,dev/pcap/flood/h.pcap,10.0.0.1,10.0.0.2
"""


@pytest.fixture
def data(tmp_path, monkeypatch):
    program = tmp_path / "weir.py"
    program.write_text(_ASKED)
    monkeypatch.setattr(capture_rows, "WEIR", (sys.executable, str(program)))
    (tmp_path / "manifest_pcap.csv").write_text(_MANIFEST)
    return tmp_path


def test_rows_are_made_of_benign_categories_together_and_of_each_attack_that_has_an_address(data):
    made = list(capture_rows.write_capture_rows(data, data / "rows", "flow", {"held"}))
    assert [path.name for path in made] == ["benign_iot.csv", "benign_dns.csv", "protocol_corpus.csv", "scan_s_1.pcap.csv"]
    asked = (data / "rows" / "benign_iot.csv").read_text()
    assert asked.startswith(f"features {data}/pcap/benign_iot/a.pcap {data}/pcap/benign_iot/b.pcap --list flow --out")


def test_rows_that_are_there_are_not_made_again(data):
    list(capture_rows.write_capture_rows(data, data / "rows", "flow", {"held"}))
    (data / "rows" / "benign_dns.csv").unlink()
    again = capture_rows.write_capture_rows(data, data / "rows", "flow", {"held"})
    assert [path.name for path in again] == ["benign_dns.csv"]


def test_a_capture_that_weir_cannot_read_is_named_and_leaves_no_file(data):
    (data / "manifest_pcap.csv").write_text(_MANIFEST.replace("s 1.pcap", "broken.pcap"))
    with pytest.raises(ValueError, match="scan_broken.pcap.csv: no packets in it"):
        list(capture_rows.write_capture_rows(data, data / "rows", "flow", {"held"}))
    assert not list((data / "rows").glob("scan_*"))


@pytest.mark.parametrize("list_name", PRETRAINED)
def test_each_list_that_models_ship_for_has_its_settings(list_name):
    assert pretraining_settings(list_name).models


def test_a_setting_that_is_named_leaves_the_others_of_its_list():
    chosen = settings_from({"boosting": {"trees": 7}}, "flow-context").boosting
    assert (chosen.trees, chosen.learning_rate) == (7, default_settings("flow-context").boosting.learning_rate)
    assert chosen.learning_rate < default_settings("flow").boosting.learning_rate


def test_a_model_of_one_list_leaves_the_use_of_another_whose_name_begins_alike(tmp_path):
    write_use(tmp_path, ["flow-context-fusion", "flow-old"])
    for name, list_name in (("flow-context-fusion", "flow-context"), ("flow-old", "flow")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(json.dumps({"list": list_name}))
    _write_default(tmp_path, SimpleNamespace(list_name="flow"), "fusion")
    assert models_in_use(tmp_path) == ["flow-context-fusion", "flow-fusion"]


def test_draws_are_averaged_in_python_and_in_the_graph():
    random = np.random.default_rng(1)
    benign, attacks = (random.normal(at, 1, (400, 3)).astype(np.float32) for at in (0, 2))
    settings = lambda draws, seed: settings_from({"seed": seed, "guarded_boosting": {"trees": 5, "draws": draws}})
    fit = lambda draws, seed: LEARNERS["guarded-boosting"](benign, attacks, settings(draws, seed))
    both, alone = fit(2, 4), [fit(1, 4), fit(1, 5)]
    rows = random.normal(1, 2, (50, 3)).astype(np.float32)
    np.testing.assert_allclose(both.score(rows), np.mean([one.score(rows) for one in alone], axis=0))
    graph = onnxruntime.InferenceSession(both.onnx().SerializeToString()).run(["score"], {"features": rows})[0]
    np.testing.assert_allclose(graph, both.score(rows), atol=2e-5)
