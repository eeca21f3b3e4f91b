from __future__ import annotations

import csv
import io

import pytest

from coaching.exports import guarded, reps_csv
from tests.coaching.films import document


def table(**changes: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reps_csv("s-1", document(**changes)))))


def test_one_row_a_repetition_with_units_in_the_column_names() -> None:
    first, second = table()
    assert (first["session"], first["rep"], first["view"]) == ("s-1", "1", "front")
    assert (second["start_s"], second["lockout_s"], second["end_s"]) == ("5.0", "6.5", "8.0")
    assert (second["verdict"], second["p_correct"], second["eccentric_s"]) == ("incorrect", "0.12", "1.5")
    assert second["wide_stance_p"] == "0.88"
    assert second["wide_stance_shoulder_widths"] == "1.4"
    assert second["model_sha256"] == "ab" * 32


def test_what_the_view_hides_is_an_empty_probability_and_not_observable() -> None:
    row = table()[0]
    assert (row["bar_drift_p"], row["bar_drift_observable"]) == ("", "0")
    assert "bar_drift_value" not in row


def test_a_set_without_repetitions_still_has_its_header() -> None:
    text = reps_csv("s-1", document(reps=[]))
    assert text.splitlines() == [text.strip()]
    assert text.startswith("session,view,rep,start_s")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert guarded(text) == f"'{text}"


def test_numbers_are_left_alone_also_negative_ones() -> None:
    assert guarded(-1.5) == -1.5
    assert guarded(0) == 0
    assert guarded(None) == ""
    assert guarded("fine") == "fine"
