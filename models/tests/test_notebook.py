"""The notebook's cells run from top to bottom, on made-up rows, without Jupyter."""

import json
from pathlib import Path

import numpy as np

from weir_models.feature_lists import feature_names
from weir_models.rows import joined

from .conftest import made_up

NOTEBOOK = Path(__file__).parents[1] / "notebook.ipynb"


def test_every_cell_runs(tmp_path, monkeypatch, capsys):
    rows = joined([made_up(300, 1, False), made_up(60, 2, True)])
    header = ",".join(["time_us", "source", "destination", "destination_port", "label", *feature_names("flow")])
    keys = [f"{int(time * 1e6)},10.0.0.1,10.0.0.2,80,{label}," for time, label in zip(rows.time_s, rows.label)]
    lines = [key + ",".join(map(str, row)) for key, row in zip(keys, rows.features)]
    (tmp_path / "rows.csv").write_text("\n".join([header, *lines]))
    monkeypatch.setenv("ROWS", str(tmp_path / "rows.csv"))
    monkeypatch.chdir(NOTEBOOK.parent)
    names: dict = {}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    assert "differs by at most" in capsys.readouterr().out
    assert np.isfinite(names["fusion"].benign_scores).all()
