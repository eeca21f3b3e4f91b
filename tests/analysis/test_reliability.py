"""From sent questionnaires to alpha: reversed items turned, who left one out is left out, and who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.reliability import reliability_of, scale_table
from analysis.stats.reliability import cronbach_alpha
from studies.models import AnswerSheet
from tests.factory import make_participant
from tests.studies.questionnaires.asked import make_asked

if TYPE_CHECKING:
    from django.test import Client

    from tests.studies.questionnaires.asked import Asked

pytestmark = pytest.mark.django_db

GIVEN = [(5, 4, 5, 1, 5), (2, 2, 3, 4, 2), (4, 4, 4, 2, 3), (1, 2, 1, 5, 2), (3, 3, 4, 3, 3)]


def answered() -> Asked:
    asked = make_asked()
    for given in GIVEN:
        asked.send(make_participant(asked.people.study), *given)
    return asked


def test_alpha_is_that_of_the_answers_with_the_fourth_turned() -> None:
    [found] = reliability_of(answered().wave)
    turned = [[a, b, c, 6 - d, e] for a, b, c, d, e in GIVEN]
    assert found.alpha is not None
    assert found.alpha.alpha == pytest.approx(cronbach_alpha(turned, ["q1", "q2", "q3", "q4", "q5"]).alpha)
    assert found.alpha.alpha > 0.9
    table = scale_table(found)
    assert table is not None
    assert [row.headers[0].text for row in table.body][3].endswith("(reversed)")


def test_who_left_an_item_out_is_left_out_and_counted() -> None:
    asked = answered()
    sheet = AnswerSheet.objects.first()
    assert sheet is not None
    AnswerSheet.objects.filter(pk=sheet.pk).update(answers={key: sheet.answers[key] for key in ("q1", "q2", "q3")})
    [found] = reliability_of(asked.wave)
    assert (found.sent, found.left_out) == (5, 1)
    assert found.alpha is not None
    assert found.alpha.people == 4


def test_too_few_answers_and_equal_ones_have_no_alpha() -> None:
    asked = make_asked()
    assert [one.refused for one in reliability_of(asked.wave)] == ["too_few"]
    for _student in range(4):
        asked.send(make_participant(asked.people.study), 3, 3, 3, 3, 3)
    assert [one.refused for one in reliability_of(asked.wave)] == ["constant"]


def test_the_page_is_for_who_may_read_answers(client: Client) -> None:
    asked = answered()
    address = f"/studies/{asked.people.study.pk}/windows/{asked.wave.pk}/reliability/"
    client.force_login(asked.people.instructor)
    assert client.get(address).status_code == 403
    client.force_login(asked.people.researcher)
    page = client.get(address).content.decode()
    assert "Cronbach" in page
    [scale] = client.get(f"/api{address}").json()
    assert (scale["scale"], scale["sent"], len(scale["alpha"]["items"])) == ("satisfaction", 5, 5)
