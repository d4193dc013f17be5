"""The exported graph and Python give the same scores, row by row."""

import json
import os
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from sklearn.ensemble import IsolationForest

from weir_models.feature_lists import feature_list, features_sha256
from weir_models.learners import LEARNERS
from weir_models.learners.boosting import _coarse
from weir_models.learners.forest import average_path
from weir_models.registry import TOLERANCE, fixture_rows

MODELS = Path(__file__).parents[1]
SHIPPED = sorted(path.parent for path in (MODELS / "registry").glob("*/model.onnx"))


def run(model: bytes, rows: np.ndarray, output: str = "score") -> np.ndarray:
    return onnxruntime.InferenceSession(model).run([output], {"features": rows})[0]


@pytest.mark.parametrize("kind", LEARNERS)
def test_graph_scores_as_python_does_with_untold_values_among_them(kind, trained, data):
    rows = fixture_rows(data, seed=3)
    assert np.isnan(rows).any()
    model = trained[kind].model
    graph = run(model.onnx().SerializeToString(), rows)
    assert graph.shape == (64,) and graph.dtype == np.float32
    np.testing.assert_allclose(graph, model.score(rows), atol=2e-5)
    assert np.ptp(graph) > 0.01


@pytest.mark.parametrize("kind", LEARNERS)
def test_score_of_a_row_does_not_depend_on_its_batch(kind, trained, data):
    rows = fixture_rows(data, seed=4)
    session = trained[kind].model.onnx().SerializeToString()
    alone = np.concatenate([run(session, row[None, :]) for row in rows])
    np.testing.assert_allclose(alone, run(session, rows), atol=5e-6)


def test_forest_as_one_ensemble_equals_scikit_learn_to_2e_7(trained, data):
    model = trained["isolation-forest"].model
    rows = data.benign.features
    assert isinstance(model.sklearn, IsolationForest)
    graph = run(model.onnx().SerializeToString(), rows)
    np.testing.assert_allclose(graph, -model.sklearn.score_samples(rows), atol=2e-7)


def test_average_path_is_that_of_a_binary_search_tree():
    # 0 for one sample, 1 for two; for 256 the value in Liu, Ting and Zhou 2008 is 10.24.
    np.testing.assert_allclose(average_path(np.array([1, 2, 256])), [0, 1, 10.2448], atol=1e-4)


def test_autoencoder_tells_the_error_of_each_feature(trained, data):
    model = trained["autoencoder"].model
    rows = fixture_rows(data, seed=5)
    errors = run(model.onnx().SerializeToString(), rows, "featureErrors")
    assert errors.shape == rows.shape
    np.testing.assert_allclose(np.log(1 + errors.mean(axis=1)), model.score(rows), atol=1e-4)


def test_the_same_rows_and_seed_give_the_same_bytes(data, settings):
    benign, attacks = data.benign.features, data.attacks.features
    for learner in LEARNERS.values():
        first, second = (learner(benign, attacks, settings).onnx().SerializeToString(deterministic=True) for _ in range(2))
        assert first == second


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_shipped_model_gives_the_scores_of_its_fixture(folder):
    fixture = json.loads((MODELS / "fixtures" / f"{folder.name}.json").read_text(encoding="utf-8"))
    rows = np.array([[np.nan if value is None else value for value in row] for row in fixture["rows"]], dtype=np.float32)
    scores = run((folder / "model.onnx").read_bytes(), rows)
    np.testing.assert_allclose(scores, fixture["scores"], atol=fixture["tolerance"])
    assert fixture["tolerance"] <= TOLERANCE


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_shipped_manifest_is_of_the_features_that_weir_computes(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["featuresSha256"] == features_sha256(feature_list(manifest["list"]))
    assert (folder / "model.onnx").stat().st_size < 500_000


def test_there_are_shipped_models():
    assert SHIPPED


def test_the_runtime_is_told_not_to_report_its_use():
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_trees_are_grown_on_few_values_of_each_side_and_the_nearest_stands_for_the_rest():
    random = np.random.default_rng(7)
    column = np.concatenate([random.normal(size=5000), random.normal(100, 1, size=50)]).astype(np.float32)
    coarse = _coarse(column, np.arange(len(column)) >= 5000)
    assert len(np.unique(coarse)) <= 254 and len(np.unique(coarse[5000:])) == 50
    assert np.abs(coarse - column)[:5000].mean() < 0.02
    few = np.array([1, 2, 3] * 10, np.float32)
    np.testing.assert_array_equal(_coarse(few, few > 2), few)
