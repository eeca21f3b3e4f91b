"""The bundle's scripts and the LaTeX file, run by R, GNU PSPP and LuaLaTeX where the machine has them."""

from __future__ import annotations

import csv
import functools
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from analysis.format import spss
from analysis.results import Report
from analysis.thaw import thaw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("report bundle")


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program} (Debian: {package})")


def ran(*command: str | Path, within: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=within, capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.fixture
def folder(unpacked: Path, tmp_path: Path) -> Path:
    shutil.copytree(unpacked, tmp_path / "bundle")
    return tmp_path / "bundle"


@functools.cache
def expected_in(folder: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads((folder / "expected.json").read_text())
    return found


@needs("Rscript", "r-base-core")
def test_r_reaches_every_number_within_1e_8_of_its_size(folder: Path) -> None:
    done = ran("Rscript", "--vanilla", "recompute.R", within=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "recomputed-R.csv").open(newline="") as file:
        found = {row["name"]: float(row["recomputed"]) for row in csv.DictReader(file)}
    assert found == pytest.approx(expected_in(folder), rel=1e-8, abs=0)
    assert len(found) == 140


@needs("Rscript", "r-base-core")
def test_r_tells_of_a_number_that_it_does_not_reach(folder: Path) -> None:
    text = (folder / "expected.csv").read_text()
    p = repr(expected_in(folder)["jump/welch/p"])
    (folder / "expected.csv").write_text(text.replace(p, repr(float(p) * (1 + 1e-7))))
    done = ran("Rscript", "--vanilla", "recompute.R", within=folder)
    assert done.returncode == 1
    assert re.search(r"Largest relative difference: (9\.99\d*|1)e-0[78]", done.stdout)


@pytest.fixture
def pspp(folder: Path) -> list[list[str]]:
    """The rows that PSPP prints for the syntax, with twelve decimals in place of two."""
    syntax = (folder / "recompute.sps").read_text(encoding="utf-8-sig")
    (folder / "more-digits.sps").write_text(f"SET FORMAT=F24.12.\n{syntax}", encoding="utf-8")
    done = ran("pspp", "more-digits.sps", "-o", "out.csv", within=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "out.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def tables(rows: list[list[str]], title: str) -> Iterator[list[list[str]]]:
    """The rows of each table of this title."""
    for at, row in enumerate(rows):
        if row == [f"Table: {title}"]:
            end = next((i for i in range(at, len(rows)) if not rows[i]), len(rows))
            yield rows[at + 1 : end]


def is_printed(text: str, value: float) -> bool:
    """PSPP's print: twelve decimals, but three of a p and none of a count."""
    decimals = len(text.partition(".")[2])
    return abs(float(text) - value) <= (0.5 + 1e-6) * 10.0**-decimals + 1e-13 * abs(value)


@needs("pspp", "pspp")
def test_pspp_prints_the_reports_numbers(pspp: list[list[str]], folder: Path) -> None:
    expected = expected_in(folder)
    outcomes = ["jump", "grip", "pull"]
    compared = 0

    def same(cells: list[str], names: list[str]) -> None:
        nonlocal compared
        for cell, name in zip(cells, names, strict=True):
            assert is_printed(cell, expected[name]), f"{name}: PSPP {cell}, the report {expected[name]!r}"
            compared += 1

    of_group = ("n", "mean", "sd", "se", "ci_low", "ci_high")
    for key, rows in zip(outcomes, tables(pspp, "Descriptives"), strict=True):
        for arm, row in zip("ab=" if key == "grip" else "ab", rows[2:], strict=False):
            arm_key = "=c" if arm == "=" else arm
            same(row[2:8], [f"{key}/group_{arm_key}/{name}" for name in of_group])
    t = ("t", "df", "p", "mean_difference", "se", "ci_low", "ci_high")
    for key, rows in zip(("jump", "pull"), tables(pspp, "Independent Samples Test"), strict=True):
        equal, unequal = rows[3:]
        same(equal[2:4], [f"{key}/levene_mean/{name}" for name in ("f", "p")])
        same(equal[4:], [f"{key}/student/{name}" for name in t])
        same(unequal[4:], [f"{key}/welch/{name}" for name in t])
    for key, rows in zip(outcomes, tables(pspp, "Test of Homogeneity of Variances"), strict=True):
        same(rows[1][1:], [f"{key}/levene_mean/{name}" for name in ("f", "df1", "df2", "p")])
    found = list(tables(pspp, "ANOVA"))
    for key, (_own, by_median, trimmed) in zip(outcomes, zip(*[iter(found)] * 3, strict=True), strict=True):
        for centre, rows in (("median", by_median), ("trimmed", trimmed)):
            (_label, _between, _ss, df1, _ms, f, p), within = rows[1], rows[2]
            same([f, df1, within[3], p], [f"{key}/levene_{centre}/{name}" for name in ("f", "df1", "df2", "p")])
    between, within, total = found[3][1:]
    same(between[2:], [f"grip/anova/{name}" for name in ("between_ss", "between_df", "between_ms", "f", "p")])
    same(within[2:5], [f"grip/anova/within_{name}" for name in ("ss", "df", "ms")])
    same(total[2:4], [f"grip/anova/total_{name}" for name in ("ss", "df")])
    assert compared == 7 * 6 + 2 * (2 + 7 + 7) + 3 * 4 * 3 + 10


@needs("pspp", "pspp")
def test_pspp_opens_the_data_with_labels_and_missing_values(folder: Path) -> None:
    (folder / "look.sps").write_text(
        "GET FILE='data.sav'.\nDISPLAY DICTIONARY.\nFREQUENCIES pull.\nLIST.\n", encoding="utf-8"
    )
    done = ran("pspp", "look.sps", "-o", "look.csv", within=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "look.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    (variables,) = tables(rows, "Variables")
    about = {row[0]: row for row in variables}
    assert about["jump"][2] == 'Jump "height" \\ ü (points)'
    assert [about[name][3] for name in ("participant", "arm", "jump")] == ["Nominal", "Nominal", "Scale"]
    (frequencies,) = tables(rows, "Pull (points)")
    assert ["", "no value measured", "1"] in [row[:3] for row in frequencies]
    assert about["pull"][9] == "-9003 THRU -9001"
    (listed,) = tables(rows, "Data List")
    assert [row[4] for row in listed if row[1] == "2.00"] == ["3.00", "5.00", "9.00", "9.00", "-9001.00"]


@needs("lualatex", "texlive-luatex texlive-latex-recommended")
def test_latex_becomes_a_pdf_that_holds_its_tables(folder: Path) -> None:
    for _pass in range(2):  # the tables' widths are known after the first
        done = ran("lualatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex", within=folder)
        assert done.returncode == 0, done.stdout[-2000:]
    log = (folder / "report.log").read_text(encoding="utf-8", errors="replace")
    assert "Missing character" not in log
    too_wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", log)]
    assert max(too_wide, default=0.0) < 5, "a table stands out of the page"
    assert log.replace("\n", "").count("<./figures/") == len(list((folder / "figures").glob("*.png")))
    text = ran("pdftotext", "-layout", "report.pdf", "-", within=folder).stdout
    report = thaw(Report, json.loads((folder / "report.json").read_text()))
    for found in report.outcomes:
        for test in (found.student, found.welch):
            if test is not None:
                numbers = (spss(x) for x in (test.mean_difference, test.se, test.ci_low, test.ci_high))
                assert re.search(r"\s+".join(map(re.escape, numbers)), text), found.key
        if found.anova is not None:
            row = (spss(found.anova.between.ss), "2", spss(found.anova.between.ms), spss(found.anova.f))
            assert re.search(r"Between Groups\s+" + r"\s+".join(map(re.escape, row)), text)
    assert 'Jump "height" \\ ü' in text
