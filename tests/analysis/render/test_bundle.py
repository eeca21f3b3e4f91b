from __future__ import annotations

import contextlib
import csv
import dataclasses
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.export import report_json
from analysis.render.bundle.specification import expected_of, specification_of
from analysis.render.bundle.syntax import SCRIPTS, _r_text, r_script, spss_syntax
from analysis.render.edition import edition_of
from analysis.render.formats import render
from analysis.render.plain import data
from analysis.results import Report
from analysis.stats import InvalidSample
from analysis.thaw import thaw
from tests.analysis.render.made import outcome
from tests.analysis.render.made import report as made

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("report bundle")
TWO = {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}


def run(script: Path) -> subprocess.CompletedProcess[str]:
    """In an interpreter that knows nothing of this project: isolated, with an empty environment, from another place."""
    return subprocess.run(
        [sys.executable, "-I", script], capture_output=True, text=True, check=False, cwd="/", env={"PATH": ""}
    )


def copy(of: Path, to: Path) -> Path:
    for path in of.rglob("*"):
        if path.is_file():
            (to / path.relative_to(of)).parent.mkdir(parents=True, exist_ok=True)
            (to / path.relative_to(of)).write_bytes(path.read_bytes())
    return to


def test_a_stranger_reaches_every_number_to_the_last_digit(unpacked: Path, tmp_path: Path) -> None:
    done = run(copy(unpacked, tmp_path) / "check.py")
    assert done.returncode == 0, done.stdout + done.stderr
    recomputed = json.loads((tmp_path / "recomputed.json").read_text())
    frozen = thaw(Report, json.loads((unpacked / "report.json").read_text()))
    assert recomputed == expected_of(frozen)
    assert len(recomputed) == 140
    assert "140 of 140 numbers are equal to the last digit" in done.stdout


@pytest.mark.django_db
def test_the_papers_numbers_come_out_of_the_bundle(report: Report, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(render(report, "bundle"))).extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert folder.name == "deadlift-with-an-ai-coach-one-semester-demonstrati-demonstration"
    assert run(folder / "check.py").returncode == 0
    found = json.loads((folder / "recomputed.json").read_text())
    assert round(found["training_accuracy/levene_mean/f"], 12) == 9.271274163756
    assert round(found["training_accuracy/welch/df"], 12) == 36.299312089734
    assert found["injury_rate/anova/p"] == pytest.approx(6.706291068e-18, rel=1e-9)


def test_a_changed_value_is_noticed_and_so_is_a_changed_number(unpacked: Path, tmp_path: Path) -> None:
    folder = copy(unpacked, tmp_path)
    rows = (folder / "data.csv").read_text()
    (folder / "data.csv").write_text(rows.replace("7.7", "7.8", 1))
    done = run(folder / "check.py")
    assert (done.returncode, "data.csv" in done.stdout) == (1, True)
    # The same, by somebody who mends the sums too: then the numbers tell.
    digest = hashlib.sha256((folder / "data.csv").read_bytes()).hexdigest()
    sums = (folder / "SHA256SUMS").read_text()
    (folder / "SHA256SUMS").write_text(re.sub(r"^\w+  data\.csv$", f"{digest}  data.csv", sums, flags=re.M))
    done = run(folder / "check.py")
    assert done.returncode == 1
    assert "jump/welch/t" in done.stdout


def test_sums_cover_every_file_and_are_what_sha256sum_reads(unpacked: Path) -> None:
    listed = [line.split("  ")[1] for line in (unpacked / "SHA256SUMS").read_text().splitlines()]
    there = sorted(path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file())
    assert sorted([*listed, "SHA256SUMS"]) == there
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=unpacked, check=False)
    assert done.returncode == 0


def test_the_same_report_is_the_same_bundle_byte_for_byte() -> None:
    report = made(outcome("score", TWO))
    assert render(report, "bundle") == render(thaw(Report, json.loads(report_json(report))), "bundle")


def test_the_readme_tells_of_every_file_and_of_what_was_not_run(unpacked: Path) -> None:
    told = (unpacked / "README.md").read_text()
    for path in unpacked.iterdir():
        if path.name not in ("README.md", "SHA256SUMS"):
            assert f"`{path.name}{'/' if path.is_dir() else ''}`" in told
    assert "there was no SPSS where this was made" in told


def test_every_figure_has_both_pictures_and_its_values(unpacked: Path) -> None:
    names = sorted(path.name for path in (unpacked / "figures").iterdir())
    stems = sorted({name.rsplit(".", 1)[0] for name in names})
    assert names == sorted(f"{stem}.{kind}" for stem in stems for kind in ("csv", "png", "svg"))
    rows = list(csv.reader((unpacked / "figures" / "jump-raincloud.csv").open(newline="")))
    assert rows[0] == ["Group", "Student", "Value", "source"]
    assert [float(row[2]) for row in rows[1:]] == [1.5, 2.25, 4.1, 7.7, 3.0, 3.3, 5.0, 9.9, 9.1]


def test_the_scripts_know_nothing_of_this_project() -> None:
    for name in ("recompute.py", "check.py"):
        source = (SCRIPTS / name).read_text()
        imported = set(re.findall(r"^(?:from|import) (\w+)", source, re.M))
        assert imported <= {*sys.stdlib_module_names, "numpy", "scipy"}


def test_the_syntax_that_no_program_here_runs_names_only_variables_and_codes_of_the_file(unpacked: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    _frame, about = pyreadstat.read_sav(unpacked / "data.sav")
    syntax = (unpacked / "effects.sps").read_text(encoding="utf-8-sig")
    variables = re.findall(r"/VARIABLES=(\w+)", syntax) + re.findall(r"^ONEWAY (\w+) BY arm", syntax, re.M)
    assert set(variables) == {"jump", "grip", "pull"}
    assert set(variables) <= set(about.column_names)
    codes = {float(code) for pair in re.findall(r"GROUPS=arm\((\d) (\d)\)", syntax) for code in pair}
    assert codes == {1.0, 2.0}
    assert codes <= set(about.variable_value_labels["arm"])
    commands = [part for part in re.sub(r"^\*.*\n", "", syntax, flags=re.M).split("\n") if part and part[0] != " "]
    assert {command.split()[0] for command in commands} == {"GET", "SELECT", "T-TEST", "ONEWAY"}


def test_a_string_of_r_is_ascii_and_means_the_same() -> None:
    assert _r_text('a "ü" \\ \U0001f3cb') == '"a \\"\\U000000fc\\" \\\\ \\U0001f3cb"'


def test_what_could_not_be_computed_is_not_asked_for() -> None:
    found = dataclasses.replace(outcome("score", TWO), levene=(), student=None, welch=None, effects=())
    asked = specification_of(made(found))
    assert (asked.tasks[0].t_tests, asked.tasks[0].centres, asked.tasks[0].effects) == (False, (), ())
    assert set(expected_of(made(found))) == {
        f"score/group_{arm}/{name}" for arm in "ab" for name in ("n", "mean", "sd", "se", "ci_low", "ci_high")
    }
    assert "t_tests(" not in r_script(asked).split("# What the report asked for:")[1]
    assert "T-TEST" not in spss_syntax(asked)
    assert "ONEWAY score BY arm" in spss_syntax(asked)


def test_the_dictionary_has_every_column_of_both_files(unpacked: Path) -> None:
    rows = list(csv.DictReader((unpacked / "dictionary.csv").open(newline="")))
    with (unpacked / "data.csv").open(newline="") as file:
        heads = next(csv.reader(file))
    assert [row["variable"] for row in rows if row["file"] == "data.csv"] == heads
    in_sav = [row["variable"] for row in rows if row["file"] == "data.sav"]
    assert in_sav == ["participant", "arm", "jump", "grip", "pull"]
    assert in_sav == [
        variable["name"] for variable in json.loads((unpacked / "dictionary.json").read_text())["variables"]
    ]


values = st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)), min_size=2, max_size=8)


studies = st.lists(
    st.tuples(values, values, values, st.sampled_from(["welch", "student", "anova"])), min_size=5, max_size=9
)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=studies)
def test_any_data_give_the_same_digits_in_the_strangers_script(
    drawn: list[tuple[list[float], list[float], list[float], str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Several outcomes for each run of the script, as starting it is what takes long."""
    outcomes = []
    for place, (first, second, third, test) in enumerate(drawn):
        arms = {"a": first, "b": second, "c": third} if test == "anova" else {"a": first, "b": second}
        with contextlib.suppress(InvalidSample, ArithmeticError):
            outcomes.append(outcome(f"score{place}", arms, test=test))
    report = made(*outcomes)
    folder = tmp_path_factory.mktemp("any")
    (folder / "recompute.py").write_bytes((SCRIPTS / "recompute.py").read_bytes())
    (folder / "data.csv").write_bytes(data(edition_of(report)))
    (folder / "specification.json").write_text(json.dumps(specification_of(report).values()))
    done = run(folder / "recompute.py")
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "recomputed.json").read_text()) == expected_of(report)
