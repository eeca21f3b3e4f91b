"""Every code that a film can end with has one sentence for its owner."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import coaching.vision
from coaching.codes import NOTICE, REFUSAL, REVIEW, RUN, UPLOAD, advice_for, upload_advice
from coaching.vision import quality
from coaching.vision.errors import PipelineError

VISION = Path(coaching.vision.__file__).parent
# Notices that carry the film's own figures; the engine's words are shown.
WITH_FIGURES = {"high_frame_rate", "reduced_resolution"}


def subclasses(kind: type[PipelineError]) -> list[type[PipelineError]]:
    return [kind, *(one for direct in kind.__subclasses__() for one in subclasses(direct))]


def codes_written_in(path: Path) -> set[str]:
    """First arguments of Refusal(...) and refusal(...) that are plain strings."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and node.args]
    named = [(getattr(call.func, "id", ""), call.args[0]) for call in calls]
    return {
        first.value
        for name, first in named
        if name in {"Refusal", "refusal"} and isinstance(first, ast.Constant) and isinstance(first.value, str)
    }


@pytest.mark.parametrize("error", subclasses(PipelineError), ids=lambda error: error.code)
def test_every_pipeline_error_has_a_sentence(error: type[PipelineError]) -> None:
    assert error.code in RUN


def test_every_refusal_and_notice_of_the_engine_has_a_sentence() -> None:
    written = set.union(*(codes_written_in(path) for path in VISION.rglob("*.py")))
    assert {"several_people", "hidden_by_plate"} <= written  # the search finds something
    assert (written | set(quality.ADVICE)) - set(REFUSAL) - set(NOTICE) == WITH_FIGURES


@pytest.mark.parametrize(
    "table", [UPLOAD, RUN, REFUSAL, NOTICE, REVIEW], ids=["upload", "run", "refusal", "notice", "review"]
)
def test_sentences_end_and_say_more_than_the_code(table: dict[str, object]) -> None:
    for code, advice in table.items():
        text = str(advice)
        assert text.endswith("."), code
        assert 20 < len(text) < 200, code
        assert "_" not in text, code


def test_an_unknown_code_keeps_the_engines_words_or_admits_the_fault() -> None:
    assert advice_for("from_the_future", "Turn on the light.") == "Turn on the light."
    assert advice_for("from_the_future") == str(RUN["internal"])
    assert upload_advice("from_the_future") == str(RUN["internal"])
