"""Hundreds of broken and malicious files: no crash, no hang, always a code that the page can say something to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from coaching.codes import advice_for
from tests.hostile.child import End, in_a_child
from tests.hostile.corpus import Hostile, write_corpus

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("hostile")]

PEAK_MB = 1300.0


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Hostile, End]]:
    import av  # noqa: F401  (the children inherit what is loaded)
    import cv2  # noqa: F401

    corpus = write_corpus(tmp_path_factory.mktemp("hostile"))
    return [(hostile, in_a_child(hostile.path)) for hostile in corpus]


def test_the_corpus_is_large_and_of_many_kinds(ends: list[tuple[Hostile, End]]) -> None:
    kinds = Counter(hostile.harm for hostile, _end in ends)
    assert sum(kinds.values()) >= 300
    assert set(kinds) == {"cut", "flipped", "spliced", "boxes", "dressed up", "bomb", "size", "no film"}


def test_every_file_ends_with_a_typed_code_or_is_read(ends: list[tuple[Hostile, End]]) -> None:
    assert {hostile.path.name: end.code for hostile, end in ends if end.is_bad} == {}


def test_every_code_has_a_sentence_for_the_person(ends: list[tuple[Hostile, End]]) -> None:
    codes = {end.code for _hostile, end in ends} - {"read"}
    assert len(codes) >= 5
    assert all(str(advice_for(code)) for code in codes)


def test_no_file_costs_more_memory_than_a_film(ends: list[tuple[Hostile, End]]) -> None:
    assert {hostile.path.name: end.peak_mb for hostile, end in ends if end.peak_mb > PEAK_MB} == {}


def test_the_corpus_is_the_same_again(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    first, second = write_corpus(tmp_path / "first"), write_corpus(tmp_path / "second")
    assert [f.path.name for f in first] == [s.path.name for s in second]
    assert [f.name for f, s in zip(first, second, strict=True) if f.path.read_bytes() != s.path.read_bytes()] == []


def test_a_child_that_dies_or_says_nothing_typed_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os
    import signal

    from tests.hostile import child

    monkeypatch.setattr(child, "go_through", lambda _path: os.kill(os.getpid(), signal.SIGSEGV))
    assert in_a_child(tmp_path).code == "crash: SIGSEGV"
    monkeypatch.setattr(child, "go_through", lambda _path: int("x"))
    assert in_a_child(tmp_path).code.startswith("untyped ValueError")
    monkeypatch.setattr(child, "WALL_S", 1)
    monkeypatch.setattr(child, "go_through", lambda _path: signal.pause())
    assert in_a_child(tmp_path).code.startswith("hang")
