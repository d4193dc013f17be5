import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from weir_models.registry import write_model
from weir_models.rows import joined
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
