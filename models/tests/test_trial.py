import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from weir_models.__main__ import _parser, _told
from weir_models.feature_lists import feature_names
from weir_models.registry import write_model
from weir_models.rows import joined
from weir_models.tables import read_table
from weir_models.trial import shipped, tried

from .conftest import made_up


@pytest.fixture(scope="module")
def registry(tmp_path_factory, trained, data, settings):
    folder = tmp_path_factory.mktemp("registry")
    for one in trained.values():
        write_model(folder, one, data, settings, {})
    return folder


def test_a_written_model_scores_a_table_as_the_trained_one_does(registry, trained):
    rows = joined([made_up(200, 5, False), made_up(50, 6, True)])
    model = shipped(registry, "flow-cluster", "flow")
    np.testing.assert_allclose(model.score(rows.features), trained["cluster"].model.score(rows.features), atol=1e-4)


def test_what_is_found_is_told_by_class(registry):
    rows = joined([made_up(200, 5, False), made_up(50, 6, True)])
    told = tried(shipped(registry, "flow-fusion", "flow"), rows, 0.01)
    assert "flood                                  50 rows    1.000 found" in told
    assert "area under ROC 1.000" in told


def test_what_cannot_be_compared_is_refused(registry):
    with pytest.raises(ValueError, match="needs benign rows"):
        tried(shipped(registry, "flow-cluster", "flow"), made_up(50, 6, True), 0.01)
    with pytest.raises(ValueError, match="host-window"):
        shipped(registry, "flow-cluster", "host-window")


def test_the_command_says_what_is_wrong(registry, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n")
    command = [sys.executable, "-m", "weir_models", "try", str(table), "--registry", str(registry)]
    ended = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert ended.returncode == 2 and ended.stderr.startswith("weir_models: ")


def conn_log(path: Path) -> Path:
    """Flows of one host at one service, a second apart: 40 benign ones and, of another, 20 attacks."""
    header = "ts,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,duration,orig_bytes,resp_bytes,conn_state,history,orig_pkts,orig_ip_bytes,resp_pkts,resp_ip_bytes,label"
    line = "{0},10.0.0.{1},1,10.0.0.9,80,tcp,1,100,100,SF,Ss,4,300,4,300,{2}".format
    rows = [line(k, 1, "benign") for k in range(40)] + [line(k, 2, "guess") for k in range(20)]
    path.write_text("\n".join([header, *rows]))
    return path


def options(table: Path, *more: str):
    return _parser().parse_args(["try", str(table), *more])


def test_flows_of_a_table_are_told_in_context_with_attacks_as_dense_as_benign_rows(tmp_path):
    table = conn_log(tmp_path / "conn.csv")
    whole = tmp_path / "whole.json"
    whole.write_text('{ "benign": 4000, "guess": 20 }')
    rows, thinned = (_told(read_table(table), options(table, "--context", *more)) for more in ((), ("--whole", str(whole))))
    before = lambda some: some.features[some.label == "guess", feature_names("flow-context").index("serviceFlows")].max()
    assert rows.list_name == "flow-context" and len(rows) == 60
    assert before(rows) == 8 and before(thinned) < 4
    assert _told(rows, options(table, "--context")) is rows and _told(read_table(table), options(table)).list_name == "flow"


def test_density_cannot_be_told_without_that_of_benign_rows(tmp_path):
    table = conn_log(tmp_path / "conn.csv")
    (tmp_path / "whole.json").write_text('{ "guess": 20 }')
    with pytest.raises(ValueError, match='how many rows of "benign"'):
        _told(read_table(table), options(table, "--context", "--whole", str(tmp_path / "whole.json")))
    with pytest.raises(ValueError, match="Leave it out"):
        _told(replace(made_up(5, 1, False), list_name="host-window"), options(table, "--context"))
