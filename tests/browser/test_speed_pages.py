"""A student's load-velocity line with and without one, a set's speeds, and where the alert is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coaching.models import Session
from coaching.personal.loss_alert import choose_loss_alert
from tests.browser.chromium import check_pages
from tests.coaching.personal.speeds import a_line, lifted, velocity
from tests.factory import make_participant, make_personas

if TYPE_CHECKING:
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_pages_of_speed(sign_in: SignIn) -> None:
    people = make_personas()
    choose_loss_alert(study=people.study, by=people.instructor, percent=20)
    choose_loss_alert(study=people.study, by=people.instructor, percent=10, participant=people.participant)
    a_line(people.participant)
    other = make_participant(people.study)
    slowed = lifted(other, 1, 80.0, (0.5, 0.38), velocity=velocity(0.5, 0.38, loss=0.24))
    # Without a film: its player has tests of its own.
    Session.objects.filter(pk=slowed.run.session_id).update(video="", container="live", loss_alert_percent=20)
    students = "/sessions/students"
    check_pages(
        sign_in(people.instructor),
        {
            "load-velocity": f"{students}/{people.participant.pk}/load-velocity/",
            "load-velocity-none": f"{students}/{other.pk}/load-velocity/",
            "set-slowed": f"/sessions/{slowed.run.session_id}/",
            "loss-alert": f"/sessions/studies/{people.study.pk}/strictness/",
            "upload-bar": "/sessions/new/",
        },
    )
