import numpy as np
import pytest

from weir_models.learners import LEARNERS
from weir_models.learners.made_up import made_up_rows
from weir_models.settings import settings_from


def bonded(count: int, seed: int) -> np.ndarray:
    """Rows whose second feature is twice the first; the third stands alone."""
    random = np.random.default_rng(seed)
    first = random.uniform(1, 100, count)
    return np.column_stack([first, 2 * first, random.uniform(0, 1, count)]).astype(np.float32)


def test_made_up_rows_hold_only_values_of_their_columns_and_the_share_that_was_asked_for():
    rows = bonded(4000, 1)
    made_up = made_up_rows(rows, 0.3, 1)
    for column, old in zip(made_up.T, rows.T):
        assert set(column) <= set(old)
    assert (made_up != rows).mean() == pytest.approx(0.3, abs=0.02)


def test_contrast_finds_what_breaks_a_bond_though_each_value_is_usual():
    settings = settings_from({"contrast": {"changed_share": 0.3}})
    model = LEARNERS["contrast"](bonded(2000, 1), np.empty((0, 3), np.float32), settings)
    broken = bonded(300, 2)
    broken[:, 1] = broken[::-1, 1]
    far = np.abs(broken[:, 1] - 2 * broken[:, 0]) > 40
    usual = np.quantile(model.score(bonded(2000, 3)), 0.99)
    assert far.sum() > 100 and (model.score(broken[far]) > usual).mean() > 0.9


def test_guarded_boosting_finds_what_is_like_no_attack_it_knows():
    benign, attacks = bonded(2000, 1), bonded(200, 2) * 100
    settings = settings_from({"guarded_boosting": {"made_up_share": 0.4, "changed_share": 0.3}})
    alone, guarded = (LEARNERS[kind](benign, attacks, settings) for kind in ("boosting", "guarded-boosting"))
    unlike = np.array([[10, 180, 0.5], [90, 20, 0.5]], np.float32)
    usual = bonded(1000, 3)
    assert guarded.score(unlike).min() > np.quantile(guarded.score(usual), 0.99)
    assert alone.score(unlike).max() <= np.quantile(alone.score(usual), 0.99)
    assert guarded.score(bonded(100, 4) * 100).min() > guarded.score(usual).max()
