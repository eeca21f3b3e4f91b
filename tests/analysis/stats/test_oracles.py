"""The bench of `python -m benchmarks.oracles`, run as a test: what docs/statistics.md says of it holds."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess

import pytest

from benchmarks.oracles import base_r, summarise, table
from benchmarks.oracles.figure import Figure


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    return table()


def test_every_figure_agrees_with_its_oracle(figures: list[Figure]) -> None:
    assert [(f.what, f.ours, f.printed or f.oracle, f.source) for f in figures if not f.holds] == []


def test_there_are_150_figures_to_all_digits_and_each_has_a_source(figures: list[Figure]) -> None:
    found = summarise(figures)
    assert found.full >= 150
    assert found.largest <= 1e-8
    assert all(figure.source for figure in figures)
    assert len({(figure.what, figure.source) for figure in figures}) == found.count


@pytest.mark.parametrize(
    ("ours", "oracle", "printed", "holds"),
    [
        (1.0 + 2e-8, 1.0, "", False),
        (1.0 + 5e-9, 1.0, "", True),
        (2e-8, 0.0, "", False),
        (0.01235, 0.0124, "0.0124", True),
        (0.01234, 0.0124, "0.0124", False),
        (float("nan"), 1.0, "", False),
    ],
)
def test_a_figure_that_is_off_does_not_hold(ours: float, oracle: float, printed: str, *, holds: bool) -> None:
    assert Figure("", "", ours, oracle, printed).holds is holds


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs Rscript (Debian: r-base-core)")
def test_r_gives_the_figures_that_are_quoted_of_it() -> None:
    done = subprocess.run(
        ["Rscript", "--vanilla", base_r.SCRIPT], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    now, quoted = (list(csv.DictReader(io.StringIO(text))) for text in (done.stdout, base_r.OUTPUT.read_text()))
    assert [(row["name"], row["call"]) for row in now] == [(row["name"], row["call"]) for row in quoted]
    assert [float(row["value"]) for row in now] == pytest.approx([float(row["value"]) for row in quoted], rel=1e-12)
