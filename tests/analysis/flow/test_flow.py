"""The flow diagram, counted by hand first; its drawings; and the checklist."""

from __future__ import annotations

import datetime as dt
import io
import struct
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from docx import Document
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from analysis.flow.checklist import markdown, rows_of
from analysis.flow.counts import Count, build_flow
from analysis.flow.drawing import png, svg
from analysis.flow.facts import facts_of
from analysis.flow.items import CONSORT_2010, CONSORT_2025
from analysis.flow.layout import description, layout, width_of, wrapped
from coaching.models import Session
from studies.allocation import allocate_arms, move_to_arm
from studies.closing.looks import take_look
from studies.closing.services import close_study, reopen_study
from studies.losses import LOSSES
from studies.models import (
    AuditEntry,
    Injury,
    Measurement,
    Outcome,
    Participant,
    PrivacyPolicy,
    Study,
    TimePoint,
    TrainingSession,
)
from studies.plans import assign_waiting, commit_plan
from studies.protocol.document import completed, mark_of, part_of
from studies.protocol.services import create_from_draft, draft_of, keep_part, save_version, start_draft
from studies.randomise.design import CLUSTERS, Design
from studies.screening import log_not_enrolled, screen
from tests.factory import (
    make_class,
    make_injury,
    make_measurement,
    make_outcome,
    make_participant,
    make_study,
    make_training_session,
    make_user,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from analysis.flow.layout import Layout
    from studies.models import User

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def owner() -> User:
    return make_user(is_superuser=True)


@pytest.fixture
def lost() -> Iterator[dict[int, str]]:
    """Students whom some part of the product knows to have left."""
    found: dict[int, str] = {}

    def ask(study: Study) -> dict[int, str]:
        return {pk: reason for pk, reason in found.items() if study.participants.filter(pk=pk).exists()}

    LOSSES.append(ask)
    yield found
    LOSSES.remove(ask)


def counted_study(owner: User, lost: dict[int, str]) -> Study:
    """Counted by hand.

    Asked: 17. Not enrolled: 3 (2 declined, 1 excluded for illness). Enrolled 14: 1 excluded (injury), 1 to be
    confirmed, 10 drawn 5/5, 2 who came later and wait. Of arm a: 4 trained (3 in lessons, 1 by a film alone), 1 never
    did, 1 is lost, 3 have the score and 2 don't. Of arm b: all 5 trained, 1 moved to a and has the score there: 4 of b.
    """
    study = make_study("Counted", owner=owner)
    after = TimePoint.objects.create(study=study, key="after", name="After")
    outcome = make_outcome(study)
    outcome.main_time_point = after
    outcome.save()
    for _one in range(2):
        log_not_enrolled(study=study, by=owner, outcome="declined")
    log_not_enrolled(study=study, by=owner, outcome="excluded", reason="illness")
    hurt, unconfirmed = make_participant(study), make_participant(study)
    screen(participants=[hurt], by=owner, eligible=False, reason="age")
    screen(participants=[hurt], by=owner, eligible=False, reason="injury")  # the newest reason counts
    unconfirmed.eligibility = Participant.Eligibility.UNCONFIRMED
    unconfirmed.save()
    for _one in range(10):
        make_participant(study)
    allocate_arms(study=study, by=owner, seed=1)
    for _late in range(2):
        make_participant(study)
    a, b = (list(study.participants.filter(arm__key=key).order_by("code")) for key in "ab")
    for participant in (*a[:3], *b):
        make_training_session(participant)
        make_training_session(participant, held_on=dt.date(2024, 3, 7))
    Session.objects.create(participant=a[3], video="video/x.mp4")
    Session.objects.create(participant=a[4], rejected_code="too_large")  # a refused film is no training
    move_to_arm(participant=b[0], arm=study.arms.get(key="a"), by=owner, reason="by mistake")
    for participant in (*a[:3], *b):
        Measurement.objects.create(outcome=outcome, participant=participant, time_point=after, value=1)
    Measurement.objects.create(outcome=outcome, participant=a[3], value=1)  # at no time: not the planned value
    lost[a[4].pk] = "moved away"
    return study


@pytest.mark.django_db
def test_every_box_holds_what_was_counted_by_hand(owner: User, lost: dict[int, str]) -> None:
    flow = build_flow(owner, counted_study(owner, lost))
    assert flow.assessed == 17
    assert flow.excluded == (
        Count("Illness, or advice of a doctor", 1),
        Count("Injury or pain now", 1),
    )
    assert (flow.declined, flow.waiting, flow.unconfirmed, flow.randomised) == (2, 2, 1, 10)
    a, b = flow.arms
    assert (a.allocated, a.trained, a.never_trained, a.moved_out, a.moved_in) == (5, 4, 1, 0, 1)
    assert (b.allocated, b.trained, b.never_trained, b.moved_out, b.moved_in) == (5, 5, 0, 1, 0)
    assert (a.lost, b.lost) == ((Count("moved away", 1),), ())
    assert (a.visits, b.visits) == ((Count("After", 3),), (Count("After", 5),))
    assert [(row.n, row.left_out) for row in a.analysed] == [(3, (Count("no value at the main time", 2),))]
    assert [(row.n, row.left_out) for row in b.analysed] == [(5, ())]
    assert flow.assessed == flow.excluded_all + flow.declined + flow.waiting + flow.unconfirmed + flow.randomised


@pytest.mark.django_db
def test_a_study_with_nobody_shows_its_zeros(owner: User) -> None:
    study = make_study(owner=owner)
    make_outcome(study)
    flow = build_flow(owner, study)
    assert (flow.assessed, flow.randomised, flow.excluded) == (0, 0, ())
    assert [(arm.allocated, arm.analysed[0].n) for arm in flow.arms] == [(0, 0), (0, 0)]
    texts = texts_of(layout(flow))
    for text in ("Randomised (n = 0)", "Allocated (n = 0)", "Lost or withdrawn (n = 0)", "Score (n = 0)"):
        assert text in texts


@pytest.mark.django_db
def test_the_queries_do_not_grow_with_the_class(
    owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    study = make_study(owner=owner)
    outcome = make_outcome(study)
    for participant in make_class(study, 30, allocate=True):
        make_measurement(outcome, participant, 1)
        make_training_session(participant)
    with django_assert_max_num_queries(15):
        build_flow(owner, study)


@pytest.mark.django_db
def test_sections_that_were_drawn_whole_are_the_second_level_of_the_tree(owner: User) -> None:
    study = make_study(owner=owner)
    plan = commit_plan(study=study, by=owner, design=Design(CLUSTERS, {"a": 1, "b": 1}))
    for section, size in (("2A", 3), ("2B", 2), ("3A", 4), ("3B", 1)):
        for _student in range(size):
            row = make_participant(study)
            Participant.objects.filter(pk=row.pk).update(section=section)
    assign_waiting(plan=plan, by=owner)
    flow = build_flow(owner, study)
    shown = {count.label: count.n for arm in flow.arms for count in arm.sections}
    assert shown == {"2A": 3, "2B": 2, "3A": 4, "3B": 1}
    assert [sum(count.n for count in arm.sections) for arm in flow.arms] == [arm.allocated for arm in flow.arms]
    with_sections, without = layout(flow, sections=True), layout(flow)
    assert len(with_sections.boxes) == len(without.boxes) + 4
    assert "2A (n = 3)" in texts_of(with_sections)


# Drawing


def texts_of(made: Layout) -> str:
    return " ".join(line.text for box in made.boxes for line in box.lines).replace("\u00a0", " ")


def overlaps(made: Layout) -> list[str]:
    """Boxes that lie over each other, leave the page, or whose text leaves them."""
    wrong = []
    for index, box in enumerate(made.boxes):
        if box.x < 0 or box.y < 0 or box.x + box.width > made.width or box.bottom > made.height:
            wrong.append(f"box {index} leaves the page")
        wrong += [f"{line.text} leaves its box" for line in box.lines if not box.y < line.y < box.bottom]
        for other in made.boxes[index + 1 :]:
            apart = box.x + box.width <= other.x or other.x + other.width <= box.x
            if not (apart or box.bottom <= other.y or other.bottom <= box.y):
                wrong.append(f"box {index} lies over another: {box.lines[0].text}")
    return wrong


def long_study(owner: User, arms: int) -> Study:
    study = make_study(arms=arms, owner=owner)
    for arm in study.arms.all():
        arm.name = f"Group {arm.key} with feedback of a very long and winding name"
        arm.save()
    make_outcome(study, name="Accuracy of the deadlift in the opinion of two blinded raters")
    make_class(study, 2 * arms, allocate=True)
    Participant.objects.filter(study=study).update(section="Averyveryverylongsectionnamewithoutspace")
    return study


@pytest.mark.django_db
@pytest.mark.parametrize("arms", [2, 3, 4])
@pytest.mark.parametrize("sections", [False, True])
def test_boxes_never_overlap_and_text_stays_inside(owner: User, arms: int, sections: bool) -> None:
    made = layout(build_flow(owner, long_study(owner, arms)), sections=sections)
    assert overlaps(made) == []
    # Measured with the widest font that is named in the drawing.
    for box in made.boxes:
        for line in box.lines:
            font = FontProperties(family="DejaVu Sans", weight="bold" if line.bold else "normal")
            width = TextPath((0, 0), line.text, size=13, prop=font, usetex=False).get_extents().x1
            assert line.x + width <= box.x + box.width, line.text


@pytest.mark.parametrize("text", ["Аптасына екі рет жаттығу", "WWWWWWW MMMMMM", "Fällt aus: Ärztin", "n = 15, 20 %"])
@pytest.mark.parametrize("bold", [False, True])
def test_a_text_is_never_wider_than_it_is_taken_for(text: str, bold: bool) -> None:
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    assert TextPath((0, 0), text, size=13, prop=font).get_extents().x1 <= width_of(text, bold=bold)
    assert all(width_of(line, bold=bold) <= 60 for line in wrapped(text, 60, bold=bold))
    assert " ".join(wrapped(text, 1000, bold=bold)) == text


@pytest.mark.django_db
def test_the_svg_is_xml_with_title_description_and_escaped_names(owner: User) -> None:
    study = make_study("A & B <study>", owner=owner)
    arm = study.arms.get(key="a")
    arm.name = "Feedback <b> & more"
    arm.save()
    flow = build_flow(owner, study)
    root = ET.fromstring(svg(layout(flow), title=study.title, description=description(flow)))
    assert root.find(f"{SVG}title").text == "A & B <study>"  # type: ignore[union-attr]
    assert "Feedback <b> & more: 0 allocated" in str(root.find(f"{SVG}desc").text)  # type: ignore[union-attr]
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "Feedback <b> & more" in texts
    assert {"Enrolment", "Allocation", "Follow-up", "Analysis"} <= set(texts)


@pytest.mark.django_db
def test_the_png_is_the_same_drawing_at_200_points_an_inch(owner: User) -> None:
    study = make_study(owner=owner)
    arm = study.arms.get(key="a")
    arm.name = r"Costs $5 or \frac"  # no formula
    arm.save()
    made = layout(build_flow(owner, study))
    data = png(made)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width == pytest.approx(made.width * 200 / 96, abs=1)
    assert height == pytest.approx(made.height * 200 / 96, abs=1)


@pytest.mark.django_db
def test_saving_a_drawing_is_an_export_and_looking_at_it_is_none(client: Client, owner: User) -> None:
    study = make_study(owner=owner)
    client.force_login(owner)
    url = reverse("analysis:flow-svg", args=[study.pk])
    assert client.get(url).headers["Content-Type"] == "image/svg+xml"
    assert not AuditEntry.objects.filter(study=study, kind="exported").exists()
    assert "attachment" in client.get(url, {"save": "1"}).headers["Content-Disposition"]
    assert AuditEntry.objects.get(study=study, kind="exported").action == "flow diagram (SVG)"


@pytest.mark.django_db
def test_the_page_holds_the_same_counts_as_a_table(client: Client, owner: User, lost: dict[int, str]) -> None:
    study = counted_study(owner, lost)
    client.force_login(owner)
    page = " ".join(client.get(reverse("analysis:flow", args=[study.pk])).content.decode().split())
    for label, n in (
        ("Assessed for eligibility", 17),
        ("Did not want to take part", 2),
        ("Randomised", 10),
        ("Never trained", 1),
        ("moved away", 1),
    ):
        assert f'>{label}</th> <td class="num">{n}</td>' in page, label
    answer = client.get(reverse("study-flow", args=[study.pk])).json()
    assert answer["assessed"] == 17
    assert answer["arms"][0]["analysed"][0]["left_out"] == [{"name": "no value at the main time", "n": 2}]


# The checklist


def full_study(owner: User) -> Study:
    """The paper's design, amended once, drawn, trained, and closed."""
    study = create_from_draft(draft=start_draft(by=owner), by=owner)
    PrivacyPolicy.objects.filter(study=study).update(consent_required=False)
    _change(study, owner, "ethics", registry="OSF", registration_number="osf.io/x1", committee="Senate")
    save_version(study=study, by=owner)
    make_class(study, 4)
    allocate_arms(study=study, by=owner)
    _change(study, owner, "training", weeks=14)
    save_version(study=study, by=owner, reason="The hall was closed.")
    outcome = Outcome.objects.get(study=study, key="training_accuracy")
    for participant in study.participants.all():
        make_training_session(participant, minutes=90)
    first = study.participants.filter(arm__key="control")[0]
    make_injury(first)
    Injury.objects.filter(pk=make_injury(first).pk).update(struck_at=timezone.now())
    TrainingSession.objects.create(participant=first, held_on=dt.date(2024, 3, 6), minutes=0, attendance="absent")
    Measurement.objects.create(outcome=outcome, participant=first, time_point=outcome.main_time_point, value=7)
    close_study(study=study, by=owner, release_feedback=True, reason="As planned.")
    study.refresh_from_db()
    return study


def _change(study: Study, by: User, part: str, **values: Any) -> None:
    draft = draft_of(study)
    document = completed(draft.document)
    keep_part(draft=draft, by=by, part=part, values=part_of(document, part) | values, seen=mark_of(document, part))


def filled(study: Study, user: User, edition: str = "2025") -> dict[str, str]:
    rows = rows_of(edition, facts_of(user, study, build_flow(user, study)))
    return {row.number: " ".join(row.texts) for row in rows}


@pytest.mark.django_db
def test_the_checklist_says_what_the_record_holds_and_nothing_else(owner: User) -> None:
    found = filled(full_study(owner), owner)
    assert found["2"] == "OSF, osf.io/x1"
    assert found["3"].startswith("Version 3 of ")
    assert "Approved by Senate." in found["3"]
    assert found["9"] == "Parallel groups, AI coaching : Traditional instruction, ratio 1 : 1."
    assert "Version 3" in found["10"]
    assert "Weeks. Reason: The hall was closed." in found["10"]
    assert "H0: The AI-driven personal coaching system does not" in found["7"]
    assert "Primary: Training accuracy" in found["14"]
    assert "14 weeks, 2 lessons a week of 90 minutes." in found["13"]
    assert "complete-sha256" in found["17a"]
    assert "AI coaching: 2 randomised, 2 trained at least once." in found["22a"]
    assert (
        "Traditional instruction, Training accuracy: 1 analysed, 1 left out (no value at the main time 1)."
        in found["22a"]
    )
    assert found["23b"].endswith("As planned.")
    assert "Traditional instruction: 1 injuries of 1 students in 3 hours." in found["27"]
    assert found["16b"] == "No comparison of the groups before the end: no page showed one."
    assert "Traditional instruction: 2 lessons of 2 students, 3 hours." in found["24a"]
    for number in ("1a", "1b", "6", "8", "29", "30"):
        assert found[number] == "", "only a person can write this"
    assert filled(full_study(owner), owner, "2010")["7a"].startswith("50 students were planned.")


@pytest.mark.django_db
def test_an_empty_record_fills_nothing_that_did_not_happen(owner: User) -> None:
    found = filled(make_study(owner=owner), owner)
    assert {number for number, text in found.items() if text} == {"9"}


def test_both_editions_have_all_their_items() -> None:
    """CONSORT 2025 has 30 numbered items, CONSORT 2010 has 25."""
    for items, last in ((CONSORT_2025, 30), (CONSORT_2010, 25)):
        numbers = [item.number for item in items]
        assert len(set(numbers)) == len(numbers)
        assert sorted({int(number.rstrip("abcd")) for number in numbers}) == list(range(1, last + 1))
    assert (len(CONSORT_2025), len(CONSORT_2010)) == (42, 37)


@pytest.mark.django_db
def test_the_checklist_leaves_as_markdown_and_docx(client: Client, owner: User) -> None:
    study = full_study(owner)
    client.force_login(owner)
    text = client.get(reverse("analysis:consort-md", args=[study.pk])).content.decode()
    assert "| 2 | Registry, number and date of the registration | OSF, osf.io/x1 |" in text
    assert "| 30 |" in text
    assert "*The record does not hold this: write it yourself.*" in text
    data = client.get(reverse("analysis:consort-docx", args=[study.pk]), {"edition": "2010"}).content
    table = Document(io.BytesIO(data)).tables[0]
    assert len(table.rows) == 38
    cells = {row.cells[0].text: row.cells[2].text for row in table.rows}
    assert cells["23"] == "OSF, osf.io/x1"
    assert cells["20"] == "The record does not hold this: write it yourself."
    assert client.get(reverse("analysis:consort", args=[study.pk]), {"edition": "1996"}).status_code == 404
    assert AuditEntry.objects.filter(study=study, action__startswith="CONSORT").count() == 2


def test_what_people_wrote_is_no_markdown() -> None:
    rows = rows_of("2025", {"registration": ["a | b\n<script> *c*"]})
    line = next(line for line in markdown("T", "2025", rows).splitlines() if line.startswith("| 2 |"))
    assert line.endswith("a \\| b \\<script\\> \\*c\\* |")


@pytest.mark.django_db
def test_harms_of_each_group_are_filled_in_once_groups_may_be_compared(owner: User) -> None:
    study = full_study(owner)
    reopen_study(study=study, by=owner, reason="More to come.")
    assert (filled(study, owner)["27"], filled(study, owner)["16b"]) == ("", "")
    look = take_look(study=study, by=owner, reason="Safety of the AI group.")
    found = filled(study, owner)
    assert "Traditional instruction: 1 injuries" in found["27"]
    assert found["16b"] == f"The groups were compared before the end, from {date_format(look.at, 'j F Y')} on."
