"""Tables written in every way people write them, of one hand-made figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.training.judge import judge_rows, score, truth_of
from coaching.training.landmark_tables import LandmarkTable, UnreadableTable, read_tables
from coaching.training.point_names import column_of, places_of
from coaching.vision.geometry import PAIRS
from coaching.vision.layouts import LAYOUTS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MEDIAPIPE = LAYOUTS["mediapipe33"]
# Heights of the 33 landmarks in a picture, y down, and how far aside their pair stands.
LEGS = [0.47, 0.47, 0.66, 0.66, 0.85, 0.85, 0.86, 0.86, 0.9, 0.9]
HEIGHT = [0.1] * 11 + [0.2, 0.2, 0.32, 0.32, 0.45, 0.45] + [0.46] * 6 + LEGS
ASIDE = [0.0] + [0.02] * 10 + [0.09] * 2 + [0.1] * 4 + [0.1] * 6 + [0.05] * 4 + [0.09] * 2 + [0.09] * 4


def frame(stance: float = 1.0) -> NDArray[np.float64]:
    """(33, 4) x, y, z, v."""
    out = np.zeros((33, 4))
    for i in range(33):
        left = i in {1, 2, 3, 7, 9} or (i > 10 and i % 2 == 1)
        wide = ASIDE[i] * (stance if i in (27, 28) else 1.0)
        out[i] = (0.5 + (wide if left else -wide), HEIGHT[i], -0.01 * i, 0.9)
    return out


def rows(size: int, stances: tuple[float, ...]) -> list[list[str]]:
    return [[f"{v:.5f}" for v in frame(s)[:, :size].ravel()] for s in stances]


def write(path: Path, lines: list[list[str]], mark: str = ",") -> Path:
    path.write_text("\n".join(mark.join(line) for line in lines) + "\n", encoding="utf-8")
    return path


STANCES = (1.0, 0.3, 2.2, 1.0) * 5


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("lead", [[], ["7"], ["neutral"], ["clip.mp4", "12"]])
@pytest.mark.parametrize("trail", [[], ["0.5", "3"]])
def test_coordinates_are_found_whatever_stands_around_them(
    tmp_path: Path, size: int, lead: list[str], trail: list[str]
) -> None:
    path = write(tmp_path / "t.csv", [lead + row + trail for row in rows(size, STANCES)])
    (table,) = read_tables(path, MEDIAPIPE)
    assert table.landmarks[1, 27, :2] == pytest.approx(frame(0.3)[27, :2], abs=1e-4)
    assert table.landmarks[2, 11, :2] == pytest.approx(frame()[11, :2], abs=1e-4)
    assert [one.label for one in judge_rows(table, "stance")[:4]] == ["neutral", "narrow", "wide", "neutral"]


def test_a_header_is_believed_even_when_the_columns_are_mixed(tmp_path: Path) -> None:
    header = ["frame", *(f"{axis}{i}" for axis in "xyzv" for i in range(33)), "class"]
    body = [[str(n), *(f"{v:.5f}" for v in frame(s)[:, :4].T.ravel()), "wide"] for n, s in enumerate(STANCES)]
    (table,) = read_tables(write(tmp_path / "t.csv", [header, *body]), MEDIAPIPE)
    assert table.notes[0] == "xyzv by header"
    assert table.landmarks[2, 28, :2] == pytest.approx(frame(2.2)[28, :2], abs=1e-4)
    assert set(truth_of(table, "stance")) == {"wide"}


@pytest.mark.parametrize("mark", [";", "\t", " "])
def test_other_separators_are_read_too(tmp_path: Path, mark: str) -> None:
    (table,) = read_tables(write(tmp_path / "t.txt", rows(3, STANCES), mark), MEDIAPIPE)
    assert table.landmarks[0, 25, 1] == pytest.approx(HEIGHT[25], abs=1e-4)


def test_a_bad_row_is_called_unusable_and_the_others_are_judged(tmp_path: Path) -> None:
    lines = rows(4, STANCES)
    lines[1] = lines[1][:50]
    lines[2][27 * 4] = "nan"
    lines[3][28 * 4 + 1] = ""
    (table,) = read_tables(write(tmp_path / "t.csv", lines), MEDIAPIPE)
    found = judge_rows(table, "stance")
    assert found[1].note == "unusable: 50 cells instead of 132"
    assert found[2].note == "unusable: ankles missing"
    assert found[3].label is None
    assert [one.label for one in found[4:7]] == ["neutral", "narrow", "wide"]


def test_kinect_lines_with_a_broken_end_keep_what_is_whole(tmp_path: Path) -> None:
    whole = ";".join(f"{0.1 * (i % 3):.2f}, {0.8 - 0.1 * i:.2f}, 3.0" for i in range(16)) + ";"
    cut = whole[: whole.index("-0.40") + 3]
    path = tmp_path / "lift"
    path.write_text(f"{whole}\n{whole}\n{cut}\n", encoding="utf-8")
    (table,) = read_tables(path, LAYOUTS["kinect17"])
    assert table.landmarks[0, 28, 1] == pytest.approx(0.5)  # the fourteenth point, y up at -0.5
    assert np.isnan(table.landmarks[2, 28, 1])
    assert table.broken == ("", "", "12 of 16 points")


def test_npz_sequences_are_read_by_their_keys(tmp_path: Path) -> None:
    np.savez(tmp_path / "s.npz", a__kp=np.ones((5, 25, 3), np.float32), a__frame=np.arange(5), words=np.array(["x"]))
    (table,) = read_tables(tmp_path / "s.npz", LAYOUTS["body25"])
    assert table.name == "a"
    assert table.landmarks.shape == (5, 33, 4)


def test_a_table_of_another_layout_is_refused_with_what_was_found(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", [["0.5"] * 40] * 3)
    with pytest.raises(UnreadableTable, match=r"40 numbers a row; mediapipe33 needs 66 to 132"):
        read_tables(path, MEDIAPIPE)


def test_words_of_a_table_are_matched_by_their_end(tmp_path: Path) -> None:
    lines = [["d_correct_up", *row] for row in rows(2, STANCES)]
    (table,) = read_tables(write(tmp_path / "t.csv", lines), MEDIAPIPE)
    assert set(truth_of(table, "phase")) == {"up"}
    assert set(truth_of(table, "stance")) == {None}
    assert set(truth_of(table, "phase", "down")) == {"down"}


def test_a_row_without_an_answer_counts_as_wrong() -> None:
    lines = score([("up", "up"), ("up", None), ("down", "down"), ("down", "down")], ("down", "up"))
    assert lines[0] == "balanced accuracy 0.750 on 4 labelled rows"
    assert lines[2:] == ["down,2,0,0", "up,0,1,1"]


def test_the_points_of_another_layout_are_not_taken_for_this_one(tmp_path: Path) -> None:
    header = [f"{axis}{i}" for i in range(1, 34) for axis in "xyz"]
    path = write(tmp_path / "t.csv", [header, *rows(3, STANCES)])
    with pytest.raises(UnreadableTable, match="names 33 points: is this mediapipe33 rather than body25"):
        read_tables(path, LAYOUTS["body25"])


def test_a_single_row_of_a_wide_picture_is_judged_by_its_own_shoulders(tmp_path: Path) -> None:
    lines = rows(3, (1.0,))
    lines[0][0::3] = [f"{0.5 + (float(x) - 0.5) * 0.5:.5f}" for x in lines[0][0::3]]
    (table,) = read_tables(write(tmp_path / "t.csv", lines), MEDIAPIPE)
    assert judge_rows(table, "stance")[0].label == "neutral"


NAMES = [
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
]


@pytest.mark.parametrize(
    "title", ["{name}_{axis}", "{axis}_{name}", "{name}.{axis}", "landmark_{i}_{axis}", "{axis}{i}"]
)
def test_titles_say_which_point_it_is_wherever_the_columns_stand(tmp_path: Path, title: str) -> None:
    order = np.random.default_rng(3).permutation(33)
    header = [title.format(name=NAMES[i], i=i, axis=axis) for i in order for axis in ("x", "y", "z", "visibility")]
    body = [[f"{v:.5f}" for v in frame(s)[order].ravel()] for s in STANCES]
    (table,) = read_tables(write(tmp_path / "t.csv", [header, *body]), MEDIAPIPE)
    assert table.landmarks[1, :, :2] == pytest.approx(frame(0.3)[:, :2], abs=1e-4)


def test_a_table_of_some_named_points_is_judged_by_them(tmp_path: Path) -> None:
    chosen = [11, 12, 23, 24, 27, 28]
    header = [f"{NAMES[i]}_{axis}" for i in chosen for axis in "xy"]
    body = [[f"{v:.5f}" for v in frame(s)[chosen, :2].ravel()] for s in STANCES]
    (table,) = read_tables(write(tmp_path / "t.csv", [header, *body]), MEDIAPIPE)
    assert [one.label for one in judge_rows(table, "stance")[:3]] == ["neutral", "narrow", "wide"]
    assert judge_rows(table, "phase")[0].note == "unusable: wrists and knees missing"


def test_names_of_other_layouts_are_known() -> None:
    assert places_of(["RShoulder", "LShoulder", "RHip", "LHip"], LAYOUTS["body25"]) is None  # column_of splits them
    points = [column_of(f"{name}_x") for name in ("RShoulder", "LShoulder", "RHip", "LHip", "MidHip", "LBigToe")]
    found = places_of([point[0] for point in points if point], LAYOUTS["body25"])
    assert found is not None
    assert list(found.values()) == [2, 5, 9, 12, 8, 19]


@pytest.mark.parametrize("lines", [["# made by hand"], ["0", "1", "2"]])
def test_remarks_and_counted_columns_are_no_rows(tmp_path: Path, lines: list[str]) -> None:
    head = lines if len(lines) == 1 else [str(i) for i in range(132)]
    (table,) = read_tables(write(tmp_path / "t.csv", [head, *rows(4, STANCES)]), MEDIAPIPE)
    assert len(table.landmarks) == len(STANCES)


def test_decimal_commas_other_encodings_and_columns_by_axis_are_read(tmp_path: Path) -> None:
    commas = [[cell.replace(".", ",") for cell in row] for row in rows(4, STANCES)]
    by_axis = [[f"{v:.5f}" for v in frame(s).T.ravel()] for s in STANCES]
    wide = tmp_path / "w.csv"
    wide.write_text("\n".join(",".join(row) for row in rows(4, STANCES)), encoding="utf-16")
    for path in (write(tmp_path / "c.csv", commas, ";"), write(tmp_path / "a.csv", by_axis), wide):
        (table,) = read_tables(path, MEDIAPIPE)
        assert table.landmarks[1, :, :2] == pytest.approx(frame(0.3)[:, :2], abs=1e-4)


def test_arrays_of_every_shape_are_read(tmp_path: Path) -> None:
    points = np.array([frame(s) for s in STANCES])
    np.save(tmp_path / "a.npy", points)
    np.save(tmp_path / "b.npy", points.reshape(len(points), -1))
    np.savez(tmp_path / "c.npz", X=(points * 1000).astype(int), y=np.array(["wide"] * len(points)))
    for name in ("a.npy", "b.npy", "c.npz"):
        (table,) = read_tables(tmp_path / name, MEDIAPIPE)
        assert [one.label for one in judge_rows(table, "stance")[:3]] == ["neutral", "narrow", "wide"]


@pytest.mark.parametrize(("name", "content"), [("a.npz", b"PK\x03\x04junk"), ("a.npy", b"nonsense")])
def test_broken_arrays_are_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableTable, match=name):
        read_tables(tmp_path / name, MEDIAPIPE)


def test_numbers_that_look_like_no_body_are_refused(tmp_path: Path) -> None:
    body = [[f"{v:.5f}" for v in frame(s)[:25].ravel()] for s in STANCES]
    with pytest.raises(UnreadableTable, match="do not look like a body"):
        read_tables(write(tmp_path / "t.csv", body), MEDIAPIPE)


def test_a_mirrored_table_keeps_the_lifters_own_left() -> None:
    leaning = frame()
    leaning[:23, 0] += 0.08
    leaning[11, 1] += 0.03
    mirrored = leaning * [-1.0, 1.0, 1.0, 1.0] + [1.0, 0.0, 0.0, 0.0]
    for one, word in ((leaning, "left"), (mirrored, "left")):
        (judged, *_) = judge_rows(LandmarkTable("t", np.array([one] * 5)), "lean")
        assert judged.label == word
    swapped = mirrored.copy()
    for a, b in PAIRS:
        swapped[[a, b]] = mirrored[[b, a]]
    (judged, *_) = judge_rows(LandmarkTable("t", np.array([swapped] * 5)), "lean")
    assert judged.label == "right"
