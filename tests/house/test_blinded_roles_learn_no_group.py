"""Blinded roles learn nowhere which group is which: no page, file, API answer, header, refusal or log says it.

The groups have names and keys that stand nowhere else. Every link from home is followed, and every route of the role
table is asked. After unblinding the same words must be found, so that this test can fail.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.urls import reverse

from coaching.models import Session
from studies.allocation import allocate_arms, move_to_arm
from studies.blinding import lettered_arms
from studies.models import Arm, Participant, Study
from studies.plans import assign_waiting, close_plan, commit_plan
from studies.randomise.design import COMPLETE, Design
from studies.unblinding import unblind
from tests.factory import make_injury, make_measurement, make_participant, make_staff, make_training_session
from tests.house.crawl import crawl, text_of
from tests.house.routes import prepare
from tests.house.test_every_route_as_every_role import FORM, lines, url_of
from tests.house.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db

KEYS = {"a": "zqxkeyone", "b": "zqxkeytwo"}
NAMES = {"a": "ZQXARMONE", "b": "ZQXARMTWO"}
BLINDED = ("assessor", "researcher", "officer")
TELLS_WHO_GETS_FEEDBACK = ('gives_ai_feedback": true', 'gives_ai_feedback":true', ">AI feedback<")


class Blinded:
    """The world with groups of these names, drawn, moved, planned and closed under them; and its addresses."""

    def __init__(self) -> None:
        self.world: World = make_world()
        prepare(self.world)
        self.addresses = sorted({url_of(line, self.world) for line in lines() if line.method == "GET"})
        self.posts = [(line.method, url_of(line, self.world)) for line in lines() if line.method != "GET"]
        self.study: Study = self.world.people.study
        self._rename()
        self._draw_again()
        self._log()
        self.seeds = {self.study.blinding_seed}
        self.seeds |= {str(row.seed) for row in self.study.allocation_lists.exclude(seed=0)}
        self.seeds |= {row.seed for row in self.study.plans.all()}
        self.seeds = {seed for seed in self.seeds if len(seed) > 10}  # not the 1 of the world's first draw
        assert len(self.seeds) == 5

    def _rename(self) -> None:
        for key, new in KEYS.items():
            Arm.objects.filter(study=self.study, key=key).update(key=new, name=NAMES[key])
        self.study.allocation_lists.update(arm_keys=sorted(KEYS.values()))
        plan = self.study.plans.get()
        plan.design["arms"] = [{**arm, "key": KEYS[arm["key"]]} for arm in plan.design["arms"]]
        plan.save(update_fields=["design"])

    def _draw_again(self) -> None:
        owner, study = self.world.people.owner, self.study
        close_plan(plan=study.plans.get(), by=owner, reason=f"too few in {NAMES['b']}")
        late = [make_participant(study) for _student in range(4)]
        allocate_arms(study=study, by=owner, again=True, reason=f"again for {NAMES['a']}")
        plan = commit_plan(study=study, by=owner, design=Design(COMPLETE, dict.fromkeys(KEYS.values(), 1)))
        make_participant(study)
        make_participant(study)
        assign_waiting(plan=plan, by=owner)
        close_plan(plan=plan, by=owner, reason=f"done with {NAMES['a']}")
        commit_plan(study=study, by=owner, design=Design(COMPLETE, dict.fromkeys(KEYS.values(), 1)))
        moved = Participant.objects.select_related("arm").get(pk=late[0].pk)
        assert moved.arm is not None
        target = study.arms.exclude(pk=moved.arm.pk).get()
        move_to_arm(participant=moved, arm=target, by=owner, reason=f"asked for {target.name}")

    def _log(self) -> None:
        outcome = self.study.outcomes.all()[0]
        for participant in self.study.participants.all():
            make_training_session(participant)
            make_injury(participant)
            if not participant.measurements.filter(outcome=outcome).exists():
                make_measurement(outcome, participant, 2.0)

    def words(self) -> set[str]:
        """What must not be read, in small letters."""
        return {word.casefold() for word in (*KEYS.values(), *NAMES.values(), *TELLS_WHO_GETS_FEEDBACK, *self.seeds)}

    def found_in(self, text: str) -> set[str]:
        small = text.casefold()
        return {word for word in self.words() if word in small}


@pytest.fixture
def blinded() -> Blinded:
    return Blinded()


@pytest.mark.parametrize("who", BLINDED)
def test_a_blinded_role_reads_no_group_on_any_page_in_any_file_and_any_answer(
    client: Client, blinded: Blinded, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.force_login(getattr(blinded.world.people, who))
    answers = crawl(client, ["/", *blinded.addresses])
    leaks = {answer.url: found for answer in answers if (found := blinded.found_in(answer.text))}
    assert leaks == {}
    opened = {answer.url for answer in answers if answer.status == 200}
    assert reverse("studies:detail", args=[blinded.study.pk]) in opened
    assert len(opened) > 12
    assert all(answer.status < 500 for answer in answers)
    said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert blinded.found_in(said) == set()


@pytest.mark.parametrize("who", BLINDED)
def test_no_refusal_tells_a_blinded_role_either(client: Client, blinded: Blinded, who: str) -> None:
    client.force_login(getattr(blinded.world.people, who))
    for method, url in blinded.posts:
        with transaction.atomic():
            text = text_of(client.generic(method, url, b"", FORM))
            transaction.set_rollback(True)
        assert blinded.found_in(text) == set(), f"{method} {url}"
        client.force_login(getattr(blinded.world.people, who))


def test_the_same_crawl_finds_the_groups_for_who_may_know_them(client: Client, blinded: Blinded) -> None:
    client.force_login(blinded.world.people.owner)
    told = [answer.url for answer in crawl(client, ["/", *blinded.addresses]) if blinded.found_in(answer.text)]
    assert len(told) > 10


def test_after_unblinding_the_researcher_reads_them_where_letters_stood(client: Client, blinded: Blinded) -> None:
    study = blinded.study
    unblind(study=study, by=blinded.world.people.owner, reason="Done")
    client.force_login(blinded.world.people.researcher)
    told = {a.url for a in crawl(client, ["/", *blinded.addresses]) if blinded.found_in(a.text)}
    places = ["studies:detail", "studies:allocate", "studies:roster", "study-participants", "study-plans"]
    places += ["analysis:report", "analysis:report-json", "analysis:report-csv"]
    assert {reverse(name, args=[study.pk]) for name in places} <= told
    assert reverse("studies:participant", args=[blinded.world.people.participant.pk]) in told
    client.force_login(blinded.world.people.officer)
    audit = [text_of(client.get(reverse("studies:audit", args=[study.pk]), {"page": page})) for page in range(1, 6)]
    assert blinded.found_in("".join(audit))


# What is no word


def _with_first_group_as(letter: str, study: Study) -> None:
    """Deal the letters until the study's first group has this one."""
    for attempt in range(200):
        study.blinding_seed = f"{attempt}"
        if lettered_arms(study)["AB".index(letter)].pk == study.arms.all()[0].pk:
            study.save(update_fields=["blinding_seed"])
            return
    pytest.fail("no such deal")


@pytest.mark.parametrize("letter", ["A", "B"])
def test_lists_and_reports_are_in_the_order_of_the_letters(client: Client, blinded: Blinded, letter: str) -> None:
    study = blinded.study
    _with_first_group_as(letter, study)
    client.force_login(blinded.world.people.researcher)
    for name in ("studies:detail", "studies:allocate"):
        text = text_of(client.get(reverse(name, args=[study.pk])))
        shown = re.findall(r"(?i)group.[AB]\b", text)
        assert shown[0].upper().endswith("A"), name
        assert {word[-1].upper() for word in shown} == {"A", "B"}
    report = client.get(reverse("analysis:report-json", args=[study.pk])).json()
    groups = report["outcomes"][0]["groups"]
    assert [(group["key"], group["name"]) for group in groups] == [("group-a", "Group A"), ("group-b", "Group B")]
    first = set(study.participants.filter(arm=lettered_arms(study)[0].pk).values_list("code", flat=True))
    moved = set(study.participants.exclude(reassignments=None).values_list("code", flat=True))
    assert set(groups[0]["codes"]) - moved <= first  # who was moved counts in the group that was drawn
    assert groups[0]["codes"]


def test_one_student_is_under_the_same_letter_everywhere(client: Client, blinded: Blinded) -> None:
    study = blinded.study
    letters = {arm.pk: arm for arm in lettered_arms(study)}
    row = Participant.objects.select_related("arm").get(pk=blinded.world.people.participant.pk)
    expected = letters[row.arm_id or 0]
    client.force_login(blinded.world.people.researcher)
    page = text_of(client.get(reverse("studies:participant", args=[row.pk])))
    assert expected.name in page
    api = client.get(reverse("study-participants", args=[study.pk])).json()["results"]
    assert next(one["arm"] for one in api if one["code"] == row.code) == expected.key
    csv = text_of(client.get(reverse("studies:roster", args=[study.pk])))
    assert re.search(rf"{row.code},.*,{expected.key},", csv)
    data = text_of(client.get(reverse("analysis:report-csv", args=[study.pk])))
    assert f"{row.code},{expected.key}," in data


def test_asking_for_a_group_by_its_own_key_finds_nobody(client: Client, blinded: Blinded) -> None:
    """A filter that knew the real key would tell who is in it."""
    url = reverse("study-participants", args=[blinded.study.pk])
    client.force_login(blinded.world.people.researcher)
    assert client.get(url, {"arm": KEYS["a"]}).json()["count"] == 0
    lettered = sum(client.get(url, {"arm": key}).json()["count"] for key in ("group-a", "group-b"))
    assert lettered == blinded.study.participants.exclude(arm=None).count() > 4
    client.force_login(blinded.world.people.owner)
    real = blinded.study.participants.filter(arm__key=KEYS["a"]).count()
    assert client.get(url, {"arm": KEYS["a"]}).json()["count"] == real > 0
    assert client.get(url, {"arm": "group-a"}).json()["count"] == 0


def _alike(text: str) -> Iterator[str]:
    """The lines of a page without what is each student's own: codes, numbers, addresses, the letter."""
    body = text.partition("\n\n")[2]
    body = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "U", body)
    body = re.sub(r'csrfmiddlewaretoken" value="\w+"', "C", body)
    body = re.sub(r"\bT\d+\b|\bGroup [AB]\b|\bgroup-[ab]\b|\d+(\.\d+)?", "N", body)
    return (line.strip() for line in body.splitlines() if line.strip())


def test_pages_about_students_of_both_groups_are_made_alike(client: Client, blinded: Blinded) -> None:
    """Nothing is there for one group and missing for the other: the feedback that one arm gets would tell."""
    people = blinded.world.people
    Session.objects.filter(pk=blinded.world.session_in_analysis.pk).delete()
    control = Participant.objects.get(user=people.classmate)
    for row, key in ((people.participant, "a"), (control, "b")):  # whatever the draw said
        row.training_sessions.all().delete()
        row.injuries.all().delete()
        make_training_session(row)
        make_injury(row)
        Participant.objects.filter(pk=row.pk).update(arm=blinded.study.arms.get(key=KEYS[key]))
    client.force_login(people.researcher)
    for name, one, other in (
        ("studies:participant", people.participant.pk, control.pk),
        ("coaching:session", blinded.world.session.pk, blinded.world.session_of_control.pk),
        ("session-detail", blinded.world.session.pk, blinded.world.session_of_control.pk),
        ("coaching:progress", people.participant.pk, control.pk),
        ("student-progress", people.participant.pk, control.pk),
        ("coaching:load-velocity", people.participant.pk, control.pk),
        ("student-load-velocity", people.participant.pk, control.pk),
    ):
        pages = [list(_alike(text_of(client.get(reverse(name, args=[pk]))))) for pk in (one, other)]
        assert pages[0] == pages[1], name


def test_a_blinded_instructor_of_sections_does_not_exist(client: Client, blinded: Blinded) -> None:
    """Sections narrow what an instructor sees; they never blind, and an instructor's class has its groups' names."""
    Participant.objects.filter(study=blinded.study).update(section="2A")
    user = make_staff(blinded.study, "instructor", sections=("2A",))
    client.force_login(user)
    text = text_of(client.get(reverse("studies:detail", args=[blinded.study.pk])))
    assert NAMES["a"] in text
