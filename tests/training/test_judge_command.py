"""`python -m coaching.training judge`, on simulated lifters written as tables that the command has never seen."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.training.__main__ import main
from coaching.training.form_frames import form_findings, simulated_rounding
from coaching.training.frame_fit import fit, simulated_frames
from coaching.training.judge import form_words
from coaching.training.landmark_tables import read_tables
from coaching.training.sequence_features import CHANGE_NAMES, NAMES, changes, lift_features
from coaching.training.sequences import without_spikes
from coaching.training.tables import load_frames, mean_recall, shipped
from coaching.vision.frame_labels import ordinal_probabilities
from coaching.vision.layouts import LAYOUTS
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABELS = Path(__file__).resolve().parents[3] / "shared" / "data" / "labels"
# BODY_25 number of each of the project's landmarks that it has.
BODY25 = dict(LAYOUTS["body25"].places)


def seen(reps: int = 2, yaw_deg: float = 0.0, **degrees: float) -> NDArray[np.float64]:
    lift = simulate(LiftSpec(reps=reps, faults=Faults.of(**degrees)), seed=5)
    return np.asarray(truth_track(lift, Camera(yaw_deg=yaw_deg), noise_px=1.0, seed=5).image, np.float64)


def answers(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def test_a_table_of_a_wide_stance_is_scored_against_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wide.csv"
    with path.open("w", newline="") as file:
        for image in seen(wide_stance=0.8)[::6]:
            csv.writer(file).writerow(["wide", *(f"{v:.3f}" for v in image.ravel())])
    assert main(["judge", str(path), "--layout", "mediapipe33", "--task", "stance", "--labels"]) == 0
    text = capsys.readouterr().out
    found = answers(text)
    assert np.mean([row["label"] == "wide" for row in found]) > 0.9
    assert all(float(row["p"]) == max(float(row[f"p_{c}"]) for c in ("narrow", "neutral", "wide")) for row in found)
    assert "# balanced accuracy" in text


def test_a_sequence_of_another_engine_is_cut_into_its_repetitions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = seen(reps=2, yaw_deg=45.0)
    points = np.zeros((len(image), 25, 3), np.float32)
    for number, place in BODY25.items():
        points[:, place] = image[:, number][:, [0, 1, 3]]
    np.savez(tmp_path / "s.npz", lift__kp=points)
    asked = ["judge", str(tmp_path / "s.npz"), "--layout", "body25", "--task", "form"]
    assert main([*asked, "--per", "repetition"]) == 0
    text = capsys.readouterr().out
    found = answers(text)
    assert [row["repetition"] for row in found] == ["1", "2"]
    assert {row["view"] for row in found} == {"oblique"}
    assert all(0.0 <= float(row["p_correct"]) <= 1.0 for row in found)
    assert "hips_first=" in found[0]["faults"]
    assert "30 frames a second (assumed" in text
    assert main(asked) == 0
    (whole,) = answers(capsys.readouterr().out)
    assert whole["table"] == "lift"
    assert whole["repetitions"] == "2"
    mean = np.mean([float(row["p_correct"]) for row in found])
    assert float(whole["p_correct"]) == pytest.approx(mean, abs=1e-3)
    assert whole["label"] == ("correct" if mean >= 0.5 else "incorrect")


def test_single_frames_get_a_verdict_each_and_are_scored_against_their_own_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "frames.csv"
    sets = {"d_correct": {}, "d_arms_spread": {"wide_grip": 0.8}, "d_arms_narrow": {"narrow_grip": 0.8}}
    images = {word: seen(reps=1, **degrees)[60:135:5] for word, degrees in sets.items()}
    with path.open("w", newline="") as file:
        for number in range(15):  # one frame of each in turn: no film of a lift
            for word, rows in images.items():
                csv.writer(file).writerow([word, *(f"{v:.3f}" for v in rows[(number * 7) % 15].ravel())])
    assert main(["judge", str(path), "--layout", "mediapipe33", "--task", "form", "--labels"]) == 0
    text = capsys.readouterr().out
    found = answers(text)
    assert len(found) == 45
    said = [row["label"] for row in found]
    assert np.mean([a == "correct" for a in said[::3]]) > 0.8
    assert np.mean([a == "incorrect" for a in (*said[1::3], *said[2::3])]) > 0.9
    assert all(float(row["p_incorrect"]) + float(row["p_correct"]) == pytest.approx(1.0, abs=2e-4) for row in found)
    score = next(line for line in text.splitlines() if "balanced accuracy" in line)
    assert float(score.split()[3]) > 0.8


@pytest.mark.parametrize(
    ("words", "classes"),
    [
        (("d_correct_up", "d_arms_narrow_up"), ["correct", "incorrect"]),
        (("good__Good_form_1", "bad__bad_form1_0"), ["correct", "incorrect"]),
        (("A__front_incorrect", ""), ["incorrect", None]),
        (("up", "down"), [None, None]),
    ],
)
def test_words_for_form(words: tuple[str, ...], classes: list[str | None]) -> None:
    assert form_words(words) == classes


def test_the_weights_of_the_hanging_head_come_from_the_simulator() -> None:
    again = fit("rounded", [simulated_rounding(60)])
    old = DEFAULT.frames.rounded
    assert np.sign(again.weights).tolist() == np.sign(old.weights).tolist()
    features = simulated_rounding(8).features
    p_old = ordinal_probabilities(features, np.array(old.weights), np.array(old.edges))[:, 1]
    assert np.mean(np.abs(again.probabilities(features)[:, 1] - p_old)) < 0.1


@pytest.mark.skipif(not LABELS.is_dir(), reason="../shared/data/labels is not there")
def test_frames_of_people_that_nothing_was_learned_from_are_told_apart() -> None:
    found = {(one.tested, one.figure): one.estimate.value for one in form_findings(LABELS)}
    assert found["psleon24", "AUC"] > 0.85
    assert found["psleon24", "balanced accuracy"] > 0.77
    assert found["psleon24, spine_neutral", "AUC"] > 0.87


@pytest.mark.skipif(not LABELS.parent.joinpath("kinect").is_dir(), reason="../shared/data/kinect is not there")
def test_the_shipped_coach_judges_lifts_of_another_sensor(capsys: pytest.CaptureFixture[str]) -> None:
    folder = LABELS.parent / "kinect"
    assert main(["judge", str(folder), "--layout", "kinect17", "--task", "form", "--labels"]) == 0
    score = next(line for line in capsys.readouterr().out.splitlines() if "balanced accuracy" in line)
    assert float(score.split()[3]) > 0.9
    assert score.endswith("on 101 labelled rows")


def test_a_file_that_is_not_there_is_said_to_be_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judge", "nowhere.csv", "--layout", "body25", "--task", "stance"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_spikes_of_a_depth_camera_are_taken_out_and_gaps_stay() -> None:
    marks = np.zeros((30, 33, 4))
    marks[..., 0] = np.linspace(0.0, 1.0, 30)[:, None]
    marks[10:13, 15, 0] = 9.0
    marks[20:23, 16, 0] = np.nan
    calm = without_spikes(marks)
    assert calm[11, 15, 0] == pytest.approx(marks[11, 0, 0], abs=0.15)
    assert np.isnan(calm[20:23, 16, 0]).all()


def test_what_a_lift_changes_does_not_tell_how_the_camera_stood() -> None:
    image = seen(reps=1)
    one = changes(lift_features(image, 30.0, depth=False))
    other = image.copy()
    other[..., :2] = image[..., :2] * 0.5 + 100.0
    assert len(one) == len(CHANGE_NAMES)
    assert changes(lift_features(other, 30.0, depth=False)) == pytest.approx(one, nan_ok=True, abs=1e-6)


def test_a_grip_and_a_bent_elbow_are_in_the_numbers_of_a_lift() -> None:
    image = seen(reps=1)
    numbers = dict(zip(NAMES, lift_features(image, 30.0, depth=False), strict=True))
    assert 0.8 < numbers["grip_bottom"] < 2.0
    assert numbers["elbow_top"] > 160.0
    assert np.isnan(numbers["trunk_deg_bottom"])
    bent = image.copy()
    bent[:, [13, 14], 0] += np.array([40.0, -40.0])
    less = dict(zip(NAMES, lift_features(bent, 30.0, depth=False), strict=True))
    assert less["elbow_top"] < numbers["elbow_top"] - 20.0


def test_the_simulator_alone_gives_about_the_coefficients_that_are_shipped() -> None:
    frames = simulated_frames(40)
    for task in ("stance", "lean"):
        again = fit(task, [frames[task]])
        edges, old = again.edges / again.weights.sum(), shipped(task).edges / shipped(task).weights.sum()
        assert edges == pytest.approx(old, abs=0.12 if task == "stance" else 1.3)


@pytest.mark.skipif(not LABELS.is_dir(), reason="../shared/data/labels is not there")
@pytest.mark.parametrize(("task", "least"), [("stance", (0.92,)), ("lean", (0.95,)), ("phase", (0.96, 0.98, 0.97))])
def test_labelled_people_get_their_labels(task: str, least: tuple[float, ...]) -> None:
    for source, bar in zip(load_frames(LABELS, task), least, strict=True):
        classes = {"stance": ["narrow", "neutral", "wide"], "lean": ["right", "neutral", "left"]}.get(
            task, ["down", "up"]
        )
        label = np.array([classes.index(word) for word in source.truth.tolist()])
        said = shipped(task).probabilities(source.features).argmax(axis=1)
        assert mean_recall(label, said.astype(np.float64)) >= bar


@pytest.mark.skipif(not LABELS.parent.joinpath("kinect").is_dir(), reason="../shared/data/kinect is not there")
def test_kinect_lifters_face_forward_when_they_bend() -> None:
    for table in read_tables(LABELS.parent / "kinect", LAYOUTS["kinect17"])[::10]:
        numbers = dict(zip(NAMES, lift_features(without_spikes(table.landmarks), 30.0, depth=True), strict=True))
        assert 15.0 < numbers["trunk_deg_bottom"] - numbers["trunk_deg_top"] < 110.0
        assert numbers["hip_deg_bottom"] < numbers["hip_deg_top"] - 25.0
