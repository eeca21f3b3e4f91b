"""The bars and the errors that they and the simulator are measured by, on figures worked out by hand."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from coaching.simulator import Camera, LiftSpec, simulate
from coaching.simulator.clip import true_frames
from coaching.simulator.faults import FAULT_NAMES
from coaching.simulator.joints import OTHER_SIDE
from coaching.simulator.track import truth_track
from coaching.training.bars import Bar, fault_bars, form_bars, sequence_bar, style_bars
from coaching.training.card import bars_text
from coaching.training.dataset import Dataset, Row
from coaching.training.evaluate import COMBINED, SHIPPED_REGIME, Evaluation, Prediction
from coaching.training.noise import flipped_share, landmark_errors
from coaching.training.release import put_bars

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def prediction(subject: str, label: int, logit: float, *, accepted: bool = True) -> Prediction:
    return Prediction(
        network=COMBINED,
        regime=SHIPPED_REGIME,
        key=f"{subject}{label}{logit}",
        source="real",
        subject=subject,
        clip=subject,
        view="side",
        accepted=accepted,
        label=label,
        logit=logit,
        temperature=1.0,
    )


def test_bars_of_what_users_see_say_met_and_missed() -> None:
    # B2 is in order; T1 has one of its two correct repetitions below the incorrect one.
    said = [prediction("B2", 1, 3.0), prediction("B2", 0, -3.0), prediction("M1", 1, 3.0)]
    said += [prediction("T1", 1, -4.0), prediction("T1", 1, 3.0), prediction("T1", 0, -3.0)]
    found = {bar.what: bar for bar in form_bars(Evaluation(tuple(said), {}, ""))}
    assert found["correct above incorrect within B2"].met is True
    assert found["correct above incorrect within T1"].figure == "AUC 0.500"
    assert found["correct above incorrect within T1"].met is False
    # Of 4 x 2 pairs two are out of order.
    assert found["correct or incorrect, a person left out"].figure.startswith("AUC 0.750")
    assert found["correct or incorrect, a person left out"].met is False
    assert "4+2 repetitions of 3 filmed people" in found["calibration of p_correct"].on


def test_a_fault_is_measured_where_it_is_known_and_seen() -> None:
    place = FAULT_NAMES.index("hips_first")

    def row(key: str, target: float, p: float) -> Row:
        faults, measured = np.full(len(FAULT_NAMES), -1.0), np.full(len(FAULT_NAMES), -1.0)
        faults[place], measured[place] = target, p
        return Row(key, "truth", key, key, "side", 1, tuple(faults), "simulator", tuple(measured))

    rows = [row("a", 1.0, 0.9), row("b", 0.0, 0.2), row("c", 1.0, 0.1), row("d", 0.0, 0.05), row("e", 1.0, -1.0)]
    half = np.zeros((0, 1), np.float16)
    dataset = Dataset(rows, half.astype(np.float32), half, half, np.zeros(0, np.int64))
    (bar,) = fault_bars(dataset)
    assert bar.what == "hips_first, simulated skeletons"
    assert bar.figure.startswith("AUC 0.750")  # c is below b, above d
    assert bar.met is False
    assert bar.on == "2 with, 2 without"


def test_a_bar_is_a_line_and_a_row_of_the_card() -> None:
    missed = Bar("counting", "0.90", ">= 0.92", met=False, on="10 clips")
    assert missed.line() == "MISSED  counting: 0.90 (>= 0.92); 10 clips"
    assert "| counting | 0.90 | >= 0.92 | **missed** | 10 clips |" in bars_text([missed])
    assert bars_text([]) == ""


@pytest.mark.skipif(not (DATA / "labels").is_dir(), reason="../shared/data/labels is not there")
def test_bars_measured_anew_take_the_place_of_the_old_and_the_card_names_those_that_stay(tmp_path: Path) -> None:
    old = [Bar("first", "0.1", ">= 0.5", met=False, on="rows"), Bar("second", "0.6", ">= 0.5", met=True, on="people")]
    (tmp_path / "deadlift.json").write_text(json.dumps({"name": "x", "bars": [asdict(one) for one in old]}))
    (tmp_path / "MODEL_CARD.md").write_text("# Card\n" + bars_text(old))
    put_bars(tmp_path, [Bar("first", "0.7", ">= 0.5", met=True, on="rows")])
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert card.startswith("# Card\n")
    assert "| first | 0.7 | >= 0.5 | met | rows |" in card
    assert "all but these: second." in card
    written = json.loads((tmp_path / "deadlift.json").read_text())
    assert [one["figure"] for one in written["bars"]] == ["0.7", "0.6"]
    assert written["name"] == "x"


def test_sequences_of_another_engine_are_judged_from_the_front() -> None:
    models = Path(__file__).resolve().parents[2] / "models"
    bar = sequence_bar(DATA / "labels" / "sequences_openpose25_abc.npz", "body25", models)
    for kind in ("front_elbow", "front_grip"):
        assert all(f"{who}__{kind} 1.00" in bar.on for who in "ABC")
    assert "C__front_correct 0.00" in bar.on


def test_an_error_that_is_put_in_is_the_error_that_is_found() -> None:
    lift, camera = simulate(LiftSpec(reps=1), seed=1), Camera(width=480, height=640, fps=20)
    track = truth_track(lift, camera, noise_px=0.0, plate_radius_m=0.0)
    truth = true_frames(lift, camera, np.asarray(track.time_s, float))
    trunk = np.linalg.norm((truth.pixels[0, [11, 12]] - truth.pixels[0, [23, 24]]).mean(axis=0))
    image = np.asarray(track.image, float).copy()
    image[:, 25, 1] += 0.1 * trunk
    image[::2, 27, 0] += 0.05 * trunk
    image[1::2, 27, 0] -= 0.05 * trunk
    errors = list(landmark_errors(replace(track, image=image.astype(np.float32)), truth, 0.0))
    knee, ankle = (next(e for e in errors if e.group == group) for group in ("knee", "ankle"))
    assert knee.below == pytest.approx(0.1, abs=0.01)
    assert knee.slow == pytest.approx(0.0, abs=1e-3)
    # +-0.05 in one of two axes: 0.05 / sqrt(2) about the mean, and it turns round with every frame.
    assert ankle.slow == pytest.approx(0.05 / np.sqrt(2), rel=0.06)
    assert ankle.lasting > 0.9  # 4 frames later it is where it was
    assert flipped_share(track, truth) == 0.0
    turned = image.copy()
    turned[:10] = turned[:10][:, list(OTHER_SIDE)]
    assert flipped_share(replace(track, image=turned.astype(np.float32)), truth) == pytest.approx(10 / len(turned))


def test_styles_that_nothing_was_learned_from_are_judged_too() -> None:
    models = Path(__file__).resolve().parents[2] / "models"
    found = {bar.what: bar for bar in style_bars(models, people=2)}
    assert list(found) == [f"correct or incorrect, {style} style" for style in ("conventional", "sumo", "romanian")]
    for bar in found.values():
        assert bar.on == "12 of 12 simulated sets judged, three views"
        assert float(bar.figure.split("AUC ")[1].split(",")[0]) > 0.9
