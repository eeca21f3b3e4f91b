import numpy as np

from coaching.simulator.track import truth_track
from coaching.training.augment import Span, skeleton_variants
from coaching.training.labels import observable_faults
from coaching.training.sampling import EXCLUDE_EACH_OTHER, draw_sets
from coaching.training.simulated import truth_examples
from coaching.vision.repetition_inputs import SKELETON_COLUMNS


def test_a_larger_draw_contains_the_smaller() -> None:
    few, more = list(draw_sets("truth", 3)), list(draw_sets("truth", 6))
    assert [one.key for one in few] == [one.key for one in more[:6]]
    assert len({one.key for one in more}) == 12


def test_films_and_skeletons_are_of_different_people() -> None:
    bodies = [{one.spec.body for one in draw_sets(source, 5)} for source in ("film", "truth")]
    assert not bodies[0] & bodies[1]


def test_drawn_faults_can_be_seen_from_the_drawn_view_and_do_not_exclude_each_other() -> None:
    for one in draw_sets("truth", 60):
        present = one.spec.faults.present
        assert set(present) <= observable_faults(one.view)
        assert not any(pair <= set(present) for pair in EXCLUDE_EACH_OTHER)


def test_views_and_classes_are_about_even() -> None:
    drawn = list(draw_sets("truth", 150))
    assert {view: sum(one.view == view for one in drawn) for view in ("front", "oblique", "side")} == {
        "front": 100,
        "oblique": 100,
        "side": 100,
    }
    faulty = np.mean([any(degree >= 0.5 for degree in one.spec.faults.present.values()) for one in drawn])
    assert 0.5 < faulty < 0.75


def test_examples_of_a_set_carry_its_truth() -> None:
    drawn = next(one for one in draw_sets("truth", 40) if one.spec.fault_reps and one.spec.faults.present)
    faulty = drawn.spec.fault_reps or ()
    moving = {"hips_first", "rounded_upper_back", "knees_in", "bar_drift", "no_lockout", "hyperextension"}
    for example in truth_examples(drawn, variants=2):
        number = int(example.row.key.split("#")[1])
        degrees = drawn.lift.faults_of(number).as_dict()
        assert example.row.label == int(all(degree < 0.5 for degree in degrees.values()))
        if number not in faulty:
            assert not any(degrees[name] >= 0.5 for name in moving)
        assert example.row.subject == drawn.subject
        assert example.variants.shape == (2, 64, len(SKELETON_COLUMNS))
        assert example.lhog is None


def test_altered_copies_stay_near_the_measured_one_and_differ_from_each_other() -> None:
    drawn = next(iter(draw_sets("truth", 1)))
    track = truth_track(drawn.lift, drawn.camera, noise_px=1.0)
    start, lockout, end = drawn.lift.reps[0]
    copies = skeleton_variants(track, Span(start, lockout, end), "front", count=4, random=np.random.default_rng(0))
    height = SKELETON_COLUMNS.index("midhip_over_ankles_y")
    assert np.abs(copies[1:, :, height] - copies[0, :, height]).max() < 0.2
    assert all(np.abs(copies[i] - copies[j]).max() > 0.01 for i in range(4) for j in range(i))
