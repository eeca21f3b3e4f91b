"""The documents are what docs/pipeline.md says they are, and the codes that can occur are the documented ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from coaching.vision import errors, people, quality
from coaching.vision.document import clip_document, failed_document, model_block, number, series_document, thinned
from coaching.vision.history import JudgedSet
from coaching.vision.personal import Personal
from coaching.vision.progress import Change, Progress, SetMeasure
from coaching.vision.reference import TooFewRepetitions
from coaching.vision.types import (
    ClipInfo,
    Cue,
    Fault,
    FormReport,
    Label,
    Moment,
    Refusal,
    Rep,
    Series,
    Track,
    ViewEstimate,
)
from coaching.vision.velocity import Measures, RepVelocity, SetSpeed

if TYPE_CHECKING:
    from coaching.vision.pipeline import ClipAssessment

DOCS = Path(__file__).resolve().parents[2] / "docs" / "pipeline.md"
TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "str": (str,),
    "bool": (bool,),
    "object": (dict,),
    "list": (list,),
    "null": (type(None),),
}


def _section(title: str) -> str:
    return DOCS.read_text().split(f"# {title}\n", 1)[1].split("\n#", 1)[0]


def _fields(title: str) -> dict[str, tuple[type, ...]]:
    """Documented path -> allowed types."""
    rows = re.findall(r"^\| `([^`]+)` \| ([a-z ]+) \|", _section(title), flags=re.MULTILINE)
    return {path: tuple(kind for name in types.split(" or ") for kind in TYPES[name]) for path, types in rows}


def _codes(title: str) -> set[str]:
    return set(re.findall(r"^\| `([a-z_]+)` \|", _section(title), flags=re.MULTILINE))


def _walk(value: Any, path: str = "") -> dict[str, list[Any]]:
    """Every path of a document with its values; the labels inside `scores` are values, not fields."""
    found: dict[str, list[Any]] = {path: [value]} if path else {}
    children: list[tuple[str, Any]] = []
    if isinstance(value, dict) and not path.endswith("scores"):
        children = [(f"{path}.{key}" if path else key, inner) for key, inner in value.items()]
    elif isinstance(value, list):
        children = [(f"{path}[]", inner) for inner in value]
    for name, inner in children:
        for key, values in _walk(inner, name).items():
            found.setdefault(key, []).extend(values)
    found.pop("reps[]", None), found.pop("notices[]", None), found.pop("feedback[]", None)
    found.pop("reps[].faults[]", None), found.pop("coaching.changes[]", None)
    found.pop("velocity.repetitions[]", None)
    return found


def _full() -> dict[str, Any]:
    """A document in which every field has a value."""
    curve = np.linspace(0, 1, 4)
    series = Series(curve, curve, curve, np.arange(4), *(curve for _ in range(5)))
    label = Label("narrow", 0.6, observable=True, scores={"narrow": 0.6}, value=0.5, sigma=0.1, unit="x", advice="a")
    fault = Fault("hips_first", 0.7, observable=True, value=1.0, sigma=0.1, unit="deg", at_s=1.0)
    rep = Rep(1, 0.5, 1.0, 1.5, 0.9, [fault], "incorrect", 0.2, 0.5, 0.1, 0.5, 0.7)
    report = FormReport(
        view=ViewEstimate("oblique", 40.0, 0.4, 0.9),
        refused=Refusal("no_lift", "Lift."),
        stance=label,
        lean=label,
        reps=[rep],
        series=series,
        cues=[Cue("hips_first", "Chest up.", 1, 1.0, 0.7, 0.5, 1.5, (1,), 1, better_at=Moment(2, 3.0, "earlier"))],
        notices=[Refusal("other_person", "Look.")],
        personal=_personal(),
    )
    info = ClipInfo(Path("a.mp4"), "0" * 64, "mov", "h264", 30.0, 480, 640, 0, 3.0)
    track = Track(curve, np.zeros((4, 33, 4)), np.zeros((4, 33, 3)), np.ones(4, np.bool_), 30.0, 480, 640)
    velocity = RepVelocity(1, 0.3, 0.03, 0.5, 0.03)
    speed = SetSpeed((velocity,), "plate", (0.1, 0.04), Measures(1.75, 0.45), plate_seen=True)
    return clip_document("a.mp4", info, track, report, model_block("m", "1", "0" * 64, "pose"), speed=speed)


def _personal() -> Personal:
    measure = SetMeasure(median=9.0, low=8.0, high=10.0, clear=1, judged=5, sem=2.0)
    last = JudgedSet("earlier", "2026-03-02T10:00:00+00:00", "oblique", "pose", (), 80.0)
    progress = Progress(last, (Change("hips_first", "deg", "improved", measure, measure, -7.0, 6.0),))
    return Personal("standard", "1", TooFewRepetitions(5, 3), progress, 90.0)


def _check(document: dict[str, Any]) -> None:
    fields = _fields("The document")
    for path, values in _walk(document).items():
        assert path in fields, f"{path} is not documented"
        for value in values:
            # For Python a bool is an int; for a reader of JSON it is not.
            assert isinstance(value, fields[path]), f"{path} is {value!r}"
            assert value is None or isinstance(value, bool) == (bool in fields[path]), f"{path} is {value!r}"


def test_every_documented_field_is_written_and_nothing_else() -> None:
    assert set(_walk(_full())) == set(_fields("The document"))


def test_a_full_document_has_the_documented_types() -> None:
    _check(_full())


def test_a_file_that_could_not_be_read_has_the_same_fields() -> None:
    document = failed_document("a.mp4", errors.NotAVideo("x"), model_block(None, None, None, "pose"))
    _check(document)
    assert set(document) == set(_full())


def test_an_analysed_clip_has_the_documented_types(assessed: ClipAssessment) -> None:
    _check(assessed.document)


def test_the_series_have_the_documented_fields(assessed: ClipAssessment) -> None:
    fields, series = _fields("The series document"), assessed.series_document
    assert set(series) == set(fields)
    for name, values in series.items():
        assert all(isinstance(value, fields[name]) for value in values), name


def test_the_arrays_are_the_documented_ones(assessed: ClipAssessment, tmp_path: Path) -> None:
    assessed.save_arrays(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as arrays:
        documented = set(re.findall(r"`((?:track|pixels)_\w+|fps|size_px)`", _section("The arrays")))
        assert set(arrays.files) == documented


def _subclasses(kind: type[errors.PipelineError]) -> set[str]:
    return {kind.code}.union(*(_subclasses(sub) for sub in kind.__subclasses__()))


def test_every_error_code_is_documented() -> None:
    own = {code for code in _subclasses(errors.PipelineError) if code in _codes("A file that can't be analysed")}
    assert own == _codes("A file that can't be analysed")
    defined = {value.code for value in vars(errors).values() if isinstance(value, type) and hasattr(value, "code")}
    assert defined == own


def test_every_error_tells_what_to_do() -> None:
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, errors.PipelineError):
            assert value.advice.endswith(".")
            assert "error" not in value.advice.lower()


def test_every_refusal_is_documented() -> None:
    gate = {code for code in quality.ADVICE if code != "hidden_by_plate"}
    assert gate | {people.SEVERAL.code} == _codes("A set that is not judged")


def test_refusals_tell_what_to_do() -> None:
    for advice in (*quality.ADVICE.values(), people.SEVERAL.advice):
        assert re.search(r"\b(film|turn)\b", advice, flags=re.IGNORECASE), advice


@pytest.mark.parametrize(
    ("value", "expected"), [(None, None), (float("nan"), None), (float("inf"), None), (0.12345, 0.1235)]
)
def test_numbers_are_finite_or_null(value: float | None, expected: float | None) -> None:
    assert number(value) == expected


def test_thinning_keeps_thirty_a_second_by_time() -> None:
    assert thinned(np.arange(0, 1, 1 / 30)).size == 30
    assert thinned(np.arange(0, 1, 1 / 40)).size == pytest.approx(20, abs=1)
    assert thinned(np.arange(0, 1, 1 / 24)).size == 24


def test_phases_follow_the_probability() -> None:
    n = 3
    curve = np.zeros(n)
    p_up = np.array([0.5, 0.49, np.nan])
    series = Series(np.arange(n) / 10, curve, p_up, np.zeros(n, np.int64), *(curve for _ in range(5)))
    unseen = Label(None, None, observable=False)
    report = FormReport(ViewEstimate("front", 0, 0, 1), None, unseen, unseen, (), series)
    document = series_document(report, [("narrow", 0.8), None, None], [None] * n)
    assert document["phase"] == ["up", "down", None]
    assert document["stance"] == ["narrow", None, None]
    assert document["stance_score"] == [0.8, None, None]
