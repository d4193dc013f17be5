import json
from dataclasses import replace

import numpy as np
import pytest
from onnxruntime import InferenceSession

from weir_models.__main__ import main
from weir_models.explanation import columns_of, group_losses, shapley
from weir_models.feature_lists import feature_names
from weir_models.registry import manifest_of, write_model
from weir_models.report import metrics_of
from weir_models.settings import Settings, settings_from
from weir_models.training import tail_probabilities, train_all
from weir_models.training_set import Source, training_set

from .conftest import made_up


def test_a_flood_is_found_and_benign_rows_mostly_are_not(trained, data, settings):
    for kind in ("autoencoder", "boosting", "guarded-boosting", "cluster", "fusion"):
        metrics = metrics_of(trained[kind], data, settings)
        assert metrics["recall"] > 0.9, kind
        assert metrics["realisedRate"] < 0.01, kind


def test_benign_rows_are_scored_by_models_that_have_not_seen_them(trained, data):
    seen = trained["boosting"].model.score(data.benign.features)
    assert not np.allclose(seen, trained["boosting"].benign_scores)


def test_without_attacks_boosting_is_left_out_and_the_fusion_takes_the_forest(settings):
    data = training_set([Source("benign", "0", made_up(300, 1, False))], settings)
    trained = train_all(data, settings)
    assert not {"boosting", "guarded-boosting"} & trained.keys()
    assert trained["fusion"].members == ("autoencoder", "isolation-forest")


def test_rows_without_a_benign_one_are_refused(settings):
    with pytest.raises(ValueError, match="no benign row"):
        training_set([Source("flood", "0", made_up(10, 1, True))], settings)


@pytest.mark.parametrize("kind", ["isolation-forest", "autoencoder", "cluster"])
def test_features_left_out_by_the_settings_do_not_change_a_score(kind, settings):
    chosen = replace(settings, models=(kind,), features=("durationS", "originatorPackets"))
    model = train_all(training_set([Source("b", "0", made_up(200, 1, False))], chosen), chosen)[kind].model
    session = InferenceSession(model.onnx().SerializeToString())
    rows = made_up(5, 9, False).features
    other, same = rows.copy(), rows.copy()
    other[:, feature_names("flow").index("durationS")] = 1e6
    same[:, feature_names("flow").index("bytesPerSecond")] = 1e6
    before, after_other, after_same = (session.run(["score"], {"features": one})[0] for one in (rows, other, same))
    np.testing.assert_array_equal(before, after_same)
    assert (after_other > before).all()


def test_the_group_that_makes_a_row_strange_is_named_and_agrees_with_shapley(trained, data):
    model = trained["cluster"].model
    rows = data.attacks.features[:6]
    losses, values = group_losses(model, rows, "flow"), shapley(model, rows, "flow")
    top = [max(one, key=lambda name: one[name].mean()) for one in (losses, values)]
    assert top == ["amount sent", "amount sent"]
    whole = sum(values.values())
    none_left = rows.copy()
    none_left[:] = model.medians
    np.testing.assert_allclose(whole, model.score(rows) - model.score(none_left), atol=1e-4)


def test_every_feature_is_in_one_group():
    for name in ("flow", "sequence", "host-window"):
        assert sorted(at for group in columns_of(name).values() for at in group) == list(range(len(feature_names(name))))


def test_manifest_says_what_the_model_was_made_from(trained, data, settings, tmp_path):
    folder = write_model(tmp_path, trained["autoencoder"], data, settings, {"recall": 1.0})
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["id"] == "flow-autoencoder" and manifest["errorsOutput"] == "featureErrors"
    assert [one["sha256"] for one in manifest["data"]] == ["0" * 64, "1" * 64]
    assert len(manifest["digest"]["modelSha256"]) == 64 and len(manifest["benignMedians"]) == 42
    assert manifest["calibration"]["cells"]["strangest"] == sorted(manifest["calibration"]["cells"]["strangest"], reverse=True)


def test_fusion_is_a_manifest_without_a_graph(trained, data, settings, tmp_path):
    folder = write_model(tmp_path, trained["fusion"], data, settings, {})
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]
    assert manifest_of(trained["fusion"], data, settings)["members"] == ["flow-boosting", "flow-guarded-boosting", "flow-isolation-forest"]


def test_every_kind_speaks_in_tail_probabilities(trained, data):
    told = tail_probabilities(trained, data.attacks.features)
    assert told.keys() == trained.keys()
    assert all(((0 < p) & (p <= 1)).all() for p in told.values())


def test_train_writes_models_a_default_and_fixtures(tmp_path, capsys):
    names = feature_names("flow")
    rows = made_up(300, 1, False)
    header = ",".join(["time_us", "source", "destination", "destination_port", "label", *names])
    lines = [f"{int(time * 1e6)},10.0.0.1,10.0.0.2,80,," + ",".join(map(str, row)) for time, row in zip(rows.time_s, rows.features)]
    (tmp_path / "rows.csv").write_text("\n".join([header, *lines]))
    (tmp_path / "settings.json").write_text(json.dumps({"models": ["cluster"], "plots": {"width_inches": 3}}))
    out = tmp_path / "registry"
    arguments = ["train", str(tmp_path / "rows.csv"), "--out", str(out), "--settings", str(tmp_path / "settings.json")]
    assert main([*arguments, "--fixtures", str(tmp_path / "fixtures")]) == 0
    assert json.loads((out / "default.json").read_text()) == {"use": ["flow-cluster"]}
    assert {"model.onnx", "manifest.json", "report.md", "distributions.png"} <= {p.name for p in (out / "flow-cluster").iterdir()}
    assert len(json.loads((tmp_path / "fixtures" / "flow-cluster.json").read_text())["scores"]) == 64
    assert "flow: cluster on 300 benign" in capsys.readouterr().out


def test_train_says_what_is_wrong_and_exits_with_2(tmp_path, capsys):
    assert main(["train", str(tmp_path / "missing.csv")]) == 2
    assert "missing.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sed": 1}, 'no setting "sed"'),
        ({"boosting": {"tree": 1}}, 'no setting "boosting.tree"'),
        ({"boosting": {"trees": 0}}, '"boosting.trees" is 0, expected 1 to 2000'),
        ({"boosting": {"trees": "many"}}, "expected a int"),
        ({"models": ["oracle"]}, "names oracle"),
        ({"plots": 3}, '"plots" is 3, expected an object'),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given, words):
    with pytest.raises(ValueError, match=words):
        settings_from(given)


def test_settings_that_are_not_named_keep_their_defaults():
    assert settings_from({"plots": {"width_inches": 3}}).boosting == Settings().boosting
