"""Every page, in both themes, on a desktop and on a phone: accessible, as wide as its window, silent.

Screenshots of all of them are left in var/screenshots.
"""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from coaching import resumable
from coaching.models import AnalysisRun
from coaching.personal.strictness import choose_strictness
from coaching.reviews.selectors import current_assessment
from coaching.reviews.services import Opinion, review_repetition
from studies.demo import CONTROL, EXPERIMENTAL, load_demo_study
from studies.models import Membership, Participant, User
from tests.browser.analysed import finish, keep_session, make_result
from tests.browser.chromium import check_pages
from tests.factory import make_user

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from coaching.models import Session
    from tests.browser.analysed import Analysed
    from tests.browser.chromium import Complaints
    from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

STATE = AnalysisRun.State


class World:
    """The demonstration study, with a session in every state."""

    def __init__(self, analysed: Analysed) -> None:
        demo = load_demo_study()
        self.study = demo.study
        self.analysed = analysed
        self.student = Participant.objects.get(user__username=demo.student_of(EXPERIMENTAL))
        self.control = Participant.objects.get(user__username=demo.student_of(CONTROL))
        self.owner = self._staff(Membership.Role.OWNER)
        self.researcher = self._staff(Membership.Role.RESEARCHER)

    def _staff(self, role: str) -> User:
        return User.objects.get(memberships__study=self.study, memberships__role=role)

    def session(self, state: str, **values: object) -> Session:
        session = keep_session(self.student, self.analysed)
        AnalysisRun.objects.create(session=session, state=state, **values)
        return session

    def refused(self) -> Session:
        session = keep_session(self.student, self.analysed)
        run = AnalysisRun.objects.create(session=session, state=STATE.RUNNING, attempt=1)
        reason = {"code": "no_person", "advice": "Nobody was found in the picture."}
        finish(run, self.analysed, refused=reason, reps=[], feedback=[])
        return session

    def reviewed(self, session: Session) -> None:
        """With the owner's word about the first repetition."""
        assessment = current_assessment(session)
        assert assessment is not None
        rep = assessment.repetitions.get(number=1)
        opinion = Opinion("incorrect", ("hips_first",), rep.start_s, rep.lockout_s, rep.end_s, "Push the floor away.")
        review_repetition(assessment=assessment, number=1, by=self.owner, opinion=opinion)

    def lessons(self) -> None:
        """Four earlier sets from the same view, in which the hips rise less and less early."""
        for tip in (19.0, 14.0, 9.0, 4.0):
            reps = copy.deepcopy(self.analysed.document["reps"])
            for i, rep in enumerate(reps):
                fault = next(fault for fault in rep["faults"] if fault["name"] == "hips_first")
                fault |= {"value": tip + i, "p": 0.9 if tip > 7.5 else 0.1}
                rep["p_correct"] = 0.9
            make_result(self.student, self.analysed, reps=reps)

    def improved(self) -> Session:
        better = "Better than last time: your chest rose with your hips in 4 of 5 repetitions, 1 of 5 last time."
        return make_result(
            self.student, self.analysed, coaching=self.analysed.document["coaching"] | {"better": better}
        )

    def duplicate(self) -> Session:
        first = make_result(self.student, self.analysed)
        about = {"video": "", "sha256": "", "rejected_code": "duplicate", "duplicate_of": first}
        return keep_session(self.student, self.analysed, **about)


def test_pages_before_signing_in(visit: Page) -> None:
    newcomer = make_user()
    uid = urlsafe_base64_encode(force_bytes(newcomer.pk))
    token = default_token_generator.make_token(newcomer)
    check_pages(visit, {"login": "/login/", "first-password": f"/welcome/{uid}/{token}/"})


def test_pages_of_a_student(sign_in: SignIn, analysed: Analysed) -> None:
    world = World(analysed)
    page = sign_in(world.student.user)
    check_pages(page, {"sessions-empty": "/sessions/"})
    result = make_result(world.student, analysed)
    world.reviewed(result)
    sessions = {
        "result": result,
        "result-better": world.improved(),
        "refused": world.refused(),
        "waiting": world.session(STATE.QUEUED),
        "running": world.session(STATE.RUNNING, stage="pose", percent=42, attempt=1),
        "failed": world.session(STATE.FAILED, failure_code="truncated", attempt=1),
        "stopped": world.session(STATE.CANCELLED, attempt=1),
        "duplicate": world.duplicate(),
    }
    own = {
        "home-student": "/",
        "sessions": "/sessions/",
        "upload": "/sessions/new/",
        "student": f"/students/{world.student.pk}/",
        "password": "/account/password/",
        "progress": f"/sessions/students/{world.student.pk}/progress/",
    }
    world.lessons()
    check_pages(page, own | {name: f"/sessions/{session.pk}/" for name, session in sessions.items()})


def test_pages_of_a_student_of_the_control_arm(sign_in: SignIn, analysed: Analysed) -> None:
    world = World(analysed)
    session = make_result(world.control, analysed)
    world.reviewed(session)
    half = resumable.begin(
        participant=world.control, uploaded_by=world.control.user, name="IMG_2042.MOV", size=1000, mark=""
    )
    resumable.append(half, 0, io.BytesIO(bytes(420)))
    pages = {"withheld": f"/sessions/{session.pk}/", "upload-unfinished": "/sessions/new/"}
    check_pages(sign_in(world.control.user), pages)


def test_pages_of_an_owner(sign_in: SignIn, analysed: Analysed) -> None:
    world = World(analysed)
    world.reviewed(make_result(world.student, analysed))
    choose_strictness(study=world.study, by=world.owner, level="strict")
    choose_strictness(study=world.study, by=world.owner, level="lenient", participant=world.student)
    study, student = f"/studies/{world.study.pk}", f"/students/{world.student.pk}"
    check_pages(
        sign_in(world.owner),
        {
            "home-owner": "/",
            "sessions-owner": "/sessions/",
            "upload-owner": "/sessions/new/",
            "study": f"{study}/",
            "enrol": f"{study}/enrol/",
            "groups": f"{study}/groups/",
            "lesson": f"{study}/lessons/new/",
            "student-owner": f"{student}/",
            "injury": f"{student}/injuries/new/",
            "move": f"{student}/group/",
            "report": f"{study}/report/",
            "to-review": "/sessions/to-review/",
            "agreement": f"{study}/agreement/",
            "strictness": f"/sessions/studies/{world.study.pk}/strictness/",
            "progress-empty": f"/sessions/students/{world.control.pk}/progress/",
        },
    )


def test_pages_of_a_researcher(sign_in: SignIn, analysed: Analysed) -> None:
    world = World(analysed)
    result = make_result(world.student, analysed)
    study = f"/studies/{world.study.pk}"
    pages = {
        "sessions-researcher": "/sessions/",
        "result-researcher": f"/sessions/{result.pk}/",
        "study-researcher": f"{study}/",
        "report-researcher": f"{study}/report/",
    }
    check_pages(sign_in(world.researcher), pages)


def test_pages_of_refusal(sign_in: SignIn, analysed: Analysed, complaints: Complaints) -> None:
    world = World(analysed)
    page = sign_in(world.researcher)
    try:
        check_pages(page, {"not-found": "/nowhere/", "not-allowed": f"/studies/{world.study.pk}/enrol/"})
    finally:  # the console names the refused requests themselves; that is the browser's doing
        complaints.found[:] = [line for line in complaints.found if "status of 40" not in line]
