import numpy as np
import pytest

from weir_models.calibration import Tail, calibrate, combined


def test_inside_the_sample_the_tail_is_the_empirical_share():
    scores = np.random.default_rng(1).normal(size=5000)
    calibration = calibrate(scores)
    for wanted in (0.5, 0.1, 0.01):
        at = np.quantile(scores, 1 - wanted)
        assert calibration.tail_probability(np.array([at]))[0] == pytest.approx(wanted, rel=0.05)


def test_a_threshold_from_one_half_holds_on_the_other():
    random = np.random.default_rng(2)
    realised = [(calibrate(random.gumbel(size=4000)).tail_probability(random.gumbel(size=4000)) <= 0.001).mean() for _ in range(40)]
    assert 0.0005 < np.mean(realised) < 0.002


def test_of_the_strangest_rows_the_rank_counts_and_not_the_tail():
    scores = np.concatenate([np.random.default_rng(6).normal(size=995), [50.0, 60, 70, 80, 90]])
    told = calibrate(scores).tail_probability(np.array([50.0, 70, 90]))
    np.testing.assert_allclose(told, np.array([5, 3, 1]) / 1001)


def test_beyond_the_sample_the_fitted_tail_goes_on_and_ends_at_the_cap():
    random = np.random.default_rng(3)
    calibration = calibrate(random.exponential(size=10_000))
    assert calibration.tail_probability(np.array([np.log(50_000)]))[0] == pytest.approx(1 / 50_000, rel=1)
    assert calibration.tail_probability(np.array([1e9]))[0] == pytest.approx(1 / (1000 * 10_000))


def test_tail_probability_never_rises_with_the_score():
    calibration = calibrate(np.random.default_rng(4).gamma(2, size=3000))
    p = calibration.tail_probability(np.linspace(-1, 30, 4000))
    assert (np.diff(p) <= 1e-12).all() and p[0] == 1


def test_scores_that_are_all_alike_alarm_at_nothing_like_them():
    calibration = calibrate(np.full(500, 0.25))
    assert calibration.tail_probability(np.array([0.25]))[0] > 0.001
    assert calibration.tail_probability(np.array([0.9]))[0] < 0.001


def test_many_equal_scores_share_one_probability():
    calibration = calibrate(np.repeat([0.0, 1.0, 2.0], [900, 90, 10]))
    at_one = calibration.tail_probability(np.array([1.0]))[0]
    assert at_one == pytest.approx(0.1, rel=0.05)


def test_quantiles_rise_strictly_for_every_reader():
    quantiles = calibrate(np.random.default_rng(5).choice([0.1, 0.2, 0.3, 0.7], 1000)).quantiles
    assert (np.diff(quantiles, axis=0) > 0).all()


def test_an_exponential_tail_is_the_limit_of_small_shapes():
    scores = np.array([1.0, 3.0])
    near = Tail(1, 1e-9, 2, 0.1).probability(scores)
    np.testing.assert_allclose(near, Tail(1, 0, 2, 0.1).probability(scores), rtol=1e-6)


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="99 benign rows are too few"):
        calibrate(np.zeros(99))


@pytest.mark.parametrize(("combine", "wanted"), [("mean", 0.2), ("max", 0.04), ("fisher", 0.12)])
def test_a_fusion_scores_a_mean_or_the_smallest_probability_on_the_scale_of_decades(combine, wanted):
    np.testing.assert_allclose(combined([np.array([0.04]), np.array([0.36])], combine), -np.log10(wanted))
