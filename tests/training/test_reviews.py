"""From an exported table and a film to examples: the instructor's bounds, seen by the pipeline that serves."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.simulator import Camera, LiftSpec, Scene, simulate
from coaching.simulator.clip import render_clip
from coaching.training import promote
from coaching.training.build import FILM_FOLDER, Amounts, build
from coaching.training.films import engines
from coaching.training.labels import CORRECT, INCORRECT, UNKNOWN
from coaching.training.reviews import reviewed_clips, reviewed_examples
from coaching.vision.bundle import DEFAULT_BUNDLE
from coaching.vision.clip import file_sha256
from coaching.vision.vocabulary import FAULT_NAMES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not DEFAULT_BUNDLE.exists(), reason="the pose bundle is not built")

ROWS = (
    {"repetition": 1, "start_s": 2.6, "lockout_s": 4.35, "end_s": 6.2, "label": "correct", "faults": ""},
    {"repetition": 2, "start_s": 6.5, "lockout_s": 7.0, "end_s": 8.0, "label": "incorrect", "faults": "hips_first"},
    {"repetition": 3, "start_s": 0.0, "lockout_s": 0.5, "end_s": 1.0, "label": "not_a_repetition", "faults": ""},
    {"repetition": 4, "start_s": 2.0, "lockout_s": 2.05, "end_s": 2.1, "label": "correct", "faults": ""},  # too short
)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One simulated film under two names, of a student to train on and of one held out, each with ROWS."""
    folder = tmp_path_factory.mktemp("export")
    camera = Camera(yaw_deg=75, fps=20, width=240, height=320)
    render_clip(simulate(LiftSpec(reps=1), seed=1), camera, Scene(plate_radius_m=0.12), folder / "film.mp4")
    common = {"film": "film.mp4", "sha256": file_sha256(folder / "film.mp4"), "view": "side"}
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*common, "subject", "part", *ROWS[0]])
        writer.writeheader()
        for subject, part in (("s01", "train"), ("s02", "held_out")):
            writer.writerows({**common, "subject": subject, "part": part, **row} for row in ROWS)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `build` keeps watched films, so that this one is watched once for all tests."""
    return tmp_path_factory.mktemp("work") / FILM_FOLDER


def test_examples_have_the_instructors_bounds_labels_and_faults(export: Path, cache: Path) -> None:
    (clip,) = reviewed_clips(export, "train")
    found = reviewed_examples(clip, engines(DEFAULT_BUNDLE), cache, variants=2)
    assert [(one.row.label, one.row.subject, one.row.source) for one in found] == [
        (CORRECT, "s01", "real"),
        (INCORRECT, "s01", "real"),
    ], "what is no repetition, and what is too short to be judged, is no example"
    correct, incorrect = found
    assert not np.allclose(correct.variants[0], incorrect.variants[0]), "other bounds, other inputs"
    assert correct.lhog is not None
    assert correct.lhog.any()
    assert len(correct.row.measured) == len(FAULT_NAMES), "what the coach measured of the repetition it found there"
    assert incorrect.row.measured == (), "it found none there"
    faults = dict(zip(FAULT_NAMES, incorrect.row.faults, strict=True))
    assert faults["hips_first"] == 1.0
    assert {value for name, value in faults.items() if name != "hips_first"} == {UNKNOWN}
    faults = dict(zip(FAULT_NAMES, correct.row.faults, strict=True))
    assert (faults["hips_first"], faults["knees_in"]) == (0.0, UNKNOWN), "a side view does not show the knees"


def test_build_takes_the_students_to_train_on_beside_its_other_sources(export: Path, cache: Path) -> None:
    amounts = Amounts(truth_people=1, film_people=0, variants=1)
    built = build(None, cache.parent, DEFAULT_BUNDLE, amounts, print, reviews=export)
    assert {row.subject for row in built.rows if row.source == "real"} == {"s01"}
    assert built.info["reviewed_clips"] == 1
    assert any(row.source == "truth" for row in built.rows)


def test_promote_takes_the_students_who_are_held_out(export: Path, cache: Path) -> None:
    found = promote.held_out([export], lambda: engines(DEFAULT_BUNDLE), cache, ())
    assert set(found.subjects) == {"s02"}
    assert sorted(found.label.tolist()) == [INCORRECT, CORRECT]
