import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from coaching.training.calibration import fit_temperature
from coaching.training.metrics import (
    auc,
    balanced_accuracy,
    bootstrap,
    calibration_error,
    log_loss,
    sigmoid,
    within_person_auc,
)


def test_auc_and_balanced_accuracy_equal_scikit_learns_with_ties() -> None:
    random = np.random.default_rng(3)
    label = random.integers(0, 2, 200)
    p = np.round(np.clip(0.5 + 0.2 * (label - 0.5) + 0.2 * random.normal(size=200), 0, 1), 1)
    assert auc(label, p) == pytest.approx(roc_auc_score(label, p))
    assert balanced_accuracy(label, p) == pytest.approx(balanced_accuracy_score(label, p >= 0.5))


def test_one_class_alone_has_no_auc_and_no_balanced_accuracy() -> None:
    ones = np.ones(5, np.int64)
    assert np.isnan(auc(ones, np.linspace(0, 1, 5)))
    assert np.isnan(balanced_accuracy(ones, np.linspace(0, 1, 5)))


def test_calibration_error_by_hand() -> None:
    # Bin 0.9-1.0: said 0.95, observed 1/2, 4 of 6. Bin 0.2-0.3: said 0.25, observed 0, 2 of 6.
    label = np.array([1, 1, 0, 0, 0, 0])
    p = np.array([0.95, 0.95, 0.95, 0.95, 0.25, 0.25])
    assert calibration_error(label, p) == pytest.approx(4 / 6 * 0.45 + 2 / 6 * 0.25)


def test_perfect_confidence_that_is_right_has_no_calibration_error() -> None:
    label = np.array([1, 0, 1, 0])
    assert calibration_error(label, label.astype(float)) == 0.0


def test_log_loss_survives_certainty() -> None:
    assert log_loss(np.array([0, 1]), np.array([-800.0, 800.0])) == pytest.approx(0.0)
    assert log_loss(np.array([1]), np.array([-800.0])) == pytest.approx(800.0)


def test_sigmoid_of_large_logits_does_not_overflow() -> None:
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]


def test_interval_draws_people_and_not_repetitions() -> None:
    """Ten repetitions a person that are all alike carry no more than one: the interval must not shrink with them."""
    label = np.array([1, 0, 1, 0, 1, 0])
    p = np.array([0.9, 0.2, 0.4, 0.6, 0.8, 0.3])
    who = list("aabbcc")
    once = bootstrap(auc, label, p, who)
    many = bootstrap(auc, np.repeat(label, 10), np.repeat(p, 10), [name for name in who for _ in range(10)])
    assert (once.low, once.high) == pytest.approx((many.low, many.high))
    assert many.subjects == 3
    assert many.n == 60


def test_two_people_give_no_interval() -> None:
    found = bootstrap(auc, np.array([1, 0, 1, 0]), np.array([0.9, 0.1, 0.8, 0.2]), ["a", "a", "b", "b"])
    assert found.value == 1.0
    assert np.isnan(found.low)


def test_within_person_auc_cannot_be_won_by_knowing_the_place() -> None:
    """Places apart, persons mixed: perfect over all, chance within each."""
    label = np.array([1, 1, 0, 1, 0, 0])
    p = np.array([0.9, 0.9, 0.9, 0.1, 0.1, 0.1])
    who = ["garden"] * 3 + ["gym"] * 3
    assert auc(label, p) > 0.6
    assert within_person_auc(label, p, who) == {"garden": 0.5, "gym": 0.5}


def test_temperature_lowers_the_loss_of_an_overconfident_network_and_keeps_the_order() -> None:
    random = np.random.default_rng(5)
    label = random.integers(0, 2, 400)
    honest = 1.5 * (2 * label - 1) * random.choice([1, 1, 1, -1], 400) + 0.3 * random.normal(size=400)
    logit = 6 * honest
    temperature = fit_temperature(label, logit)
    assert 3.0 < temperature <= 8.0
    assert log_loss(label, logit / temperature) < 0.5 * log_loss(label, logit)
    assert auc(label, sigmoid(logit / temperature)) == pytest.approx(auc(label, sigmoid(logit)), abs=1e-3)


def test_temperature_stays_at_one_where_nothing_can_be_fitted() -> None:
    assert fit_temperature(np.zeros(0, np.int64), np.zeros(0)) == 1.0
    assert fit_temperature(np.ones(5, np.int64), np.linspace(1, 3, 5)) == 1.0
