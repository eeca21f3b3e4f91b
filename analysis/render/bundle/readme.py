"""The bundle's README: what is in it, how it is checked, and what was not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.render.markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.results import Report

_ABOUT = {
    "check.py": "checks the sums, runs recompute.py and compares",
    "data.csv": "every value by participant's code, also those left out, with the reason",
    "data.sav": "the same for SPSS, a row for each student, with labels and codes of missing values",
    "dictionary.csv": "every column of data.csv and data.sav",
    "dictionary.json": "the same for programs",
    "effects.sps": "effect sizes, for SPSS 27 or later. **It was not run**: there was no SPSS where this was made",
    "expected.csv": "the numbers of the report (for R)",
    "expected.json": "the numbers of the report that the scripts must reach, with all digits",
    "recompute.py": "recomputes them; NumPy and SciPy only. It is run in LiftLab's own tests",
    "recompute.R": "the same in base R, no packages: `Rscript recompute.R`. LiftLab's tests run it with R 4.2",
    "recompute.sps": "the same for SPSS, to read in its output. LiftLab's tests run it with GNU PSPP 1.6",
    "report.docx": "the report with real Word tables",
    "report.html": "the report as one page",
    "report.json": "the frozen report itself: all numbers, data, versions, hashes",
    "report.md": "the report as Markdown",
    "report.pdf": "the report for print",
    "report.tex": "the report for LuaLaTeX or XeLaTeX, with the pictures of `figures/`",
    "report.xlsx": "every table a sheet, numbers with 16 digits",
    "requirements.txt": "the versions that made the numbers",
    "specification.json": "what is computed, and of what: the scripts are made from it",
    "tables.csv": "every cell of every table, as printed and with all digits",
}
_CHECK = """
    python3 -m venv env
    env/bin/pip install -r requirements.txt
    env/bin/python check.py

It tells whether a file was changed, recomputes every number from `data.csv`, and says how many are equal to the last
digit. With the versions of `requirements.txt` all must be, or lie within 1e-12 of their size; with others 1e-8 is
allowed. `sha256sum -c SHA256SUMS` checks the files alone.
"""


def readme(report: Report, label: str, files: Sequence[str]) -> str:
    """Markdown. `files` are the names in the bundle; figures are told together."""
    made = report.provenance
    told = [f"- `{name}`: {_ABOUT[name]}" for name in files if name in _ABOUT]
    if any(name.startswith("figures/") for name in files):
        told.append("- `figures/`: each figure as SVG and PNG, and all values that it shows as CSV")
    notes = [f"**{escaped(note)}**\n" for note in (label and f"{label}.", report.data_note) if note]
    return "\n".join(
        [
            f"# {escaped(report.study)}\n",
            *notes,
            "A report of LiftLab with everything that is needed to check it.\n",
            "## Check it",
            _CHECK,
            "## What is in it\n",
            *told,
            "\n## Where it comes from\n",
            f"- made at {made.made_at}",
            f"- by LiftLab {made.liftlab}, Python {made.python}, NumPy {made.numpy}, SciPy {made.scipy}",
            f"- SHA-256 of data.csv: `{made.data_sha256}`",
            f"- SHA-256 of the code: `{made.code_sha256}`",
            "",
        ]
    )
