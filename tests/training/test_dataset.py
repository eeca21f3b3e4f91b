from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coaching.training import dataset as data_set
from coaching.training.fit import SOURCE_SHARE, row_weights
from coaching.training.scaling import COMPONENTS, fit_scaling
from tests.training.synthetic import example, synthetic


def test_saved_data_set_comes_back_the_same(tmp_path: Path) -> None:
    built = synthetic(people=2, reps=2)
    data_set.save(built, tmp_path)
    read = data_set.load(tmp_path)
    assert list(read.rows) == list(built.rows)
    assert read.sha256 == built.sha256
    np.testing.assert_array_equal(read.lhof, built.lhof)
    np.testing.assert_array_equal(read.pixel_row, built.pixel_row)


def test_the_fingerprint_changes_with_a_label_and_with_a_number() -> None:
    one = example("real", 1, 0)
    relabelled = replace(one, row=replace(one.row, label=1 - one.row.label))
    moved = replace(one, variants=one.variants + np.float32(1e-3))
    prints = {data_set.assemble([each]).sha256 for each in (one, relabelled, moved)}
    assert len(prints) == 3


def test_the_order_of_building_does_not_matter() -> None:
    parts = [example("film", person, 0) for person in range(3)]
    assert data_set.assemble(parts).sha256 == data_set.assemble(parts[::-1]).sha256


def test_a_repetition_collected_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="one key"):
        data_set.assemble([example("film", 1, 0), example("film", 1, 0)])


def test_a_data_set_for_other_inputs_is_refused(tmp_path: Path) -> None:
    data_set.save(synthetic(people=2, reps=1), tmp_path)
    path = tmp_path / "dataset.json"
    path.write_text(path.read_text().replace('"inputs_version": ', '"inputs_version": 9'))
    with pytest.raises(ValueError, match="build"):
        data_set.load(tmp_path)


def test_a_missing_data_set_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"coaching\.training build"):
        data_set.load(tmp_path)


def test_pixels_belong_to_their_rows_when_some_have_none() -> None:
    built = data_set.assemble([example("truth", 0, 0, pixels=False), example("film", 0, 0), example("real", 0, 0)])
    for number, row in enumerate(built.rows):
        at = built.pixel_row[number]
        assert (at >= 0) == (row.source != "truth")
        if at >= 0:
            expected = example(row.source, 0, 0).lhog
            assert expected is not None
            np.testing.assert_array_equal(built.lhog[at], expected)


def test_weights_balance_sources_and_classes_whatever_their_numbers() -> None:
    built = synthetic(people=4, reps=3)
    uneven = np.asarray([i for i, row in enumerate(built.rows) if row.source != "film" or row.subject == "film0"])
    weight = row_weights(built, uneven)
    sources, labels = built.sources[uneven], built.labels[uneven]
    assert weight.sum() == pytest.approx(1.0)
    there = {source: share for source, share in SOURCE_SHARE.items() if source in sources}
    assert set(there) == {"real", "film", "truth"}
    for source, part in there.items():
        share = part / sum(there.values())
        assert weight[sources == source].sum() == pytest.approx(share)
        for label in (0, 1):
            assert weight[(sources == source) & (labels == label)].sum() == pytest.approx(share / 2)


def test_a_person_with_four_times_the_repetitions_weighs_twice_as_much() -> None:
    rows = [example("real", 0, rep) for rep in range(8)] + [example("real", 1, rep) for rep in range(2)]
    built = data_set.assemble(rows)
    weight = row_weights(built, np.arange(len(built.rows)))
    who = np.asarray(built.subjects)
    assert weight[who == "real0"].sum() == pytest.approx(2 * weight[who == "real1"].sum())


def test_scaling_is_fitted_on_the_training_rows_alone() -> None:
    built = synthetic(people=3, reps=4)
    train = np.flatnonzero(built.sources != "real")
    weight = row_weights(built, train)
    before = fit_scaling(built, train, weight, seed=1)
    changed = built.variants.copy()
    changed[built.sources == "real"] += 100.0
    pixels = built.lhog.copy()
    pixels[built.pixel_row[built.sources == "real"]] = 9.0
    after = fit_scaling(replace(built, variants=changed, lhog=pixels), train, weight, seed=1)
    np.testing.assert_array_equal(before.mean, after.mean)
    np.testing.assert_array_equal(before.lhog.matrix, after.lhog.matrix)


def test_what_stands_still_in_the_pixels_is_taken_away() -> None:
    """The room is in every step: adding it to all steps must change nothing."""
    built = synthetic(people=3, reps=4)
    rows = np.flatnonzero(built.sources == "film")
    projection = fit_scaling(built, rows, row_weights(built, rows), seed=1).lhog
    steps = np.asarray(built.lhog[0], np.float32)
    room = np.random.default_rng(1).random(steps.shape[1], np.float32)
    np.testing.assert_allclose(projection.apply(steps), projection.apply(steps + room), atol=1e-3)
    assert projection.apply(steps).shape == (64, COMPONENTS)
    assert not projection.apply(np.zeros_like(steps)).any()
