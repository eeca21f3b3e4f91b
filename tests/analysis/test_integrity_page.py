from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.analysis.stats.integrity.test_checker import ANOVA, GROUPS, TABLE_1
from tests.factory import make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def ask(client: Client, text: str, status: int = 200, **values: object) -> str:
    client.force_login(make_user())
    response = client.post(reverse("analysis:integrity"), {"text": text, "whole": "on"} | values)
    assert response.status_code == status
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


def test_the_papers_tables_are_judged_in_words(client: Client) -> None:
    page = ask(client, TABLE_1 + ANOVA)
    assert "15 figures checked; 1 of them does not fit the others." in page
    assert "Exactly 28 pairs of whole-number score distributions give every printed digit." in page
    assert "The sums of squares are forced: 15.44 and 56.00, so standard deviations .802 and 1.528." in page
    assert "A scale with fewer than 7 points can't hold such scores." in page
    assert "p is printed as .003, but the other figures give 6.7e-18." in page
    assert "That p would need a statistic from 9.44 to 10.18." in page
    assert page.count("The groups are taken as 25 and 25 people, from the degrees of freedom.") == 2


def test_a_turned_conclusion_and_an_impossible_mean_are_said(client: Client) -> None:
    page = ask(client, GROUPS.replace("8.32", "8.33") + "t(48) = 2.10, p = .061")
    assert "No 25 whole numbers have the mean 8.33, however it was rounded." in page
    assert "p is printed as .061, but the other figures give .0406 to .0415." in page
    assert "One of the two is significant at 0.05, the other is not." in page


def test_means_and_standard_deviations_alone_give_their_tests(client: Client) -> None:
    page = ask(client, GROUPS)
    assert "What the printed means and standard deviations give" in page
    assert "7.301" in page
    assert "2 figures checked; all of them fit." in page


def test_scores_that_are_no_whole_numbers_are_not_held_to_them(client: Client) -> None:
    page = ask(client, GROUPS.replace("8.32", "8.33") + TABLE_1, whole="")
    assert "whole numbers have" not in page
    assert "whole-number score" not in page


def test_group_sizes_are_taken_and_must_fit(client: Client) -> None:
    assert "are taken as" not in ask(client, TABLE_1, first_n=25, second_n=25)
    assert "The group sizes don't fit the degrees of freedom" in ask(client, TABLE_1, first_n=20, second_n=25)
    assert "Give the size of both groups, or of neither." in ask(client, TABLE_1, 422, first_n=20)


@pytest.mark.parametrize("text", ["", "   ", "no table at all", "x" * 20_001])
def test_what_is_no_table_is_answered_with_what_to_paste(client: Client, text: str) -> None:
    page = ask(client, text, 422)
    assert 'class="field__error"' in page
    assert "Findings" not in page


def test_pasted_text_is_shown_as_text(client: Client) -> None:
    client.force_login(make_user())
    rows = GROUPS.replace("control", "<script>alert(1)</script>").replace(".306", ".316")
    page = client.post(reverse("analysis:integrity"), {"text": rows}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_nothing_is_stored(client: Client) -> None:
    client.force_login(make_user())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.post(reverse("analysis:integrity"), {"text": TABLE_1, "whole": "on"})
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


def test_half_a_table_is_named(client: Client) -> None:
    page = ask(client, "Equal variances assumed 1 2 3\nt(48) = 7.30, p < .001")
    assert "it was not checked: Equal variances assumed: 3 figures" in page
    assert "1 figure checked; it fits." in page
