"""The agreement of a study, from its rows to the page and the command."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysis.agreement import coach_tables, review_report
from coaching.access import record_look
from coaching.models import Assessment, RepetitionRecord
from coaching.reviews.services import Opinion, add_repetition, review_repetition
from tests.coaching.films import make_result, make_session
from tests.factory import Personas, make_participant, make_personas

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import Study, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


def judged(study: Study, count: int) -> list[Assessment]:
    """A set of a student each; the coach says correct, then incorrect."""
    return [make_result(make_session(make_participant(study))) for _ in range(count)]


def say(assessment: Assessment, by: User, *decisions: str, unseen: bool = False) -> None:
    for number, decision in enumerate(decisions, start=1):
        if decision:
            opinion = Opinion(decision, (), 4.0 * number - 3, 4.0 * number - 1.5, 4.0 * number, unseen=unseen)
            review_repetition(assessment=assessment, number=number, by=by, opinion=opinion)


def test_every_review_is_counted_or_left_out_with_its_reason(people: Personas) -> None:
    first, second, third = judged(people.study, 3)
    say(first, people.instructor, "correct", "incorrect")
    say(second, people.instructor, "incorrect", "not_a_repetition")
    RepetitionRecord.objects.filter(assessment=third, number=1).update(verdict="")
    say(third, people.instructor, "correct")
    missed = Opinion("incorrect", (), 8.1, 8.4, 8.9)
    add_repetition(assessment=third, by=people.instructor, opinion=missed)
    taken_back = Opinion("not_a_repetition", (), 4.1, 4.5, 4.9)
    number = add_repetition(assessment=first, by=people.owner, opinion=Opinion("correct", (), 4.1, 4.5, 4.9)).number
    review_repetition(assessment=first, number=number, by=people.owner, opinion=taken_back)

    report = review_report(people.study)
    assert report.all.reviews == 7
    assert (report.repetitions, report.reviewed) == (6, 5)
    assert dict(report.all.exclusions) == {"no_verdict": 1, "not_a_repetition": 1, "missed": 1, "taken_back": 1}
    assert report.all.agreement is not None
    assert report.all.agreement.categories == ("incorrect", "correct")
    assert report.all.agreement.table == ((1, 1), (0, 1)), "instructor in rows, coach in columns"
    assert report.all.agreement.n + sum(count for _reason, count in report.all.exclusions) == report.all.reviews
    assert report.all.everything["incorrect", "not_found"] == 1


def test_a_review_that_was_changed_counts_by_its_newest_word(people: Personas) -> None:
    (assessment,) = judged(people.study, 1)
    say(assessment, people.instructor, "incorrect")
    say(assessment, people.instructor, "correct")
    report = review_report(people.study)
    assert report.all.agreement is not None
    assert report.all.agreement.table == ((0, 0), (0, 1))


def test_another_studys_reviews_are_not_in_it(people: Personas) -> None:
    (foreign,) = judged(people.other_study, 1)
    say(foreign, people.other_instructor, "correct", "incorrect")
    report = review_report(people.study)
    assert (report.all.reviews, report.repetitions, report.all.agreement) == (0, 0, None)


def test_two_instructors_are_compared_on_what_both_reviewed(people: Personas) -> None:
    first, second = judged(people.study, 2)
    say(first, people.instructor, "correct", "incorrect")
    say(first, people.owner, "correct", "not_a_repetition")
    say(second, people.instructor, "correct", "incorrect")
    say(second, people.owner, "", "incorrect")
    report = review_report(people.study)
    (two,) = report.instructors
    assert {two.first, two.second} == {people.instructor.get_full_name(), people.owner.get_full_name()}
    assert two.agreement.n == 3
    assert two.only_one == 1
    assert two.agreement.accuracy.value == pytest.approx(2 / 3)
    rows = {name: i for i, name in enumerate(two.agreement.categories)}
    odd = two.agreement.table[rows["incorrect"]][rows["not_a_repetition"]]
    assert odd == (1 if two.first == people.instructor.get_full_name() else 0)


def test_students_not_repetitions_are_drawn_for_the_interval(people: Personas) -> None:
    for assessment in judged(people.study, 2):
        say(assessment, people.instructor, "correct", "incorrect")
    report = review_report(people.study)
    assert report.all.agreement is not None
    assert (report.all.agreement.n, report.all.agreement.clusters, report.all.agreement.kappa.ci_low) == (4, 2, None)
    assert "too few to draw from" in " ".join(coach_tables(report)[1].notes)


def follow_the_coach(people: Personas) -> None:
    """Six blind words, then two of them changed to the coach's after having seen it."""
    first, second, third = judged(people.study, 3)
    say(first, people.instructor, "correct", "incorrect", unseen=True)
    say(second, people.instructor, "incorrect", "incorrect", unseen=True)
    say(third, people.instructor, "correct", "correct", unseen=True)
    for assessment in (second, third):
        record_look(people.instructor, assessment.run.session, "session")
    say(second, people.instructor, "correct", unseen=True)  # posted to the blind page, by somebody who has seen it
    say(third, people.instructor, "", "incorrect")


def test_the_blind_words_are_counted_as_they_were_before_the_verdict_was_seen(people: Personas) -> None:
    follow_the_coach(people)
    report = review_report(people.study)
    assert report.all.agreement is not None
    assert report.blind.agreement is not None
    assert report.all.agreement.table == ((3, 0), (0, 3))
    assert report.blind.agreement.table == ((2, 1), (1, 2)), "instructor in rows, coach in columns"
    blind = report.blind.agreement
    assert blind.sensitivity is not None
    assert blind.specificity is not None
    figures = (blind.accuracy, blind.sensitivity, blind.specificity, blind.kappa)
    # By hand: 4 of 6, 2 of 3, 2 of 3, (4/6 - 1/2) / (1 - 1/2)
    assert [figure.value for figure in figures] == pytest.approx([2 / 3, 2 / 3, 2 / 3, 1 / 3])
    assert blind.clusters == 3
    assert blind.kappa.ci_low is not None, "an interval of its own"
    assert report.all.agreement.kappa.value == 1.0


def test_page_command_and_api_show_the_blind_figures_beside_those_of_all(client: Client, people: Personas) -> None:
    follow_the_coach(people)
    client.force_login(people.researcher)
    page = words(client.get(reverse("analysis:agreement", args=[people.study.pk])).content.decode())
    out = io.StringIO()
    call_command("review_agreement", people.study.pk, stdout=out)
    printed = " ".join(out.getvalue().split())
    for text in (page.replace("&#x27;", "'"), printed):
        assert "Of these, said before the reviewer had seen the coach's verdict" in text
        assert "Sensitivity all 3 1.000" in text
        assert re.search(r"Specificity all 3 1\.000 \S+ \S+ blind 3 \.667 ", text)
        assert re.search(r"Cohen's kappa all 6 1\.000 \S+ \S+ blind 6 \.333 ", text)
        assert "Blind reviews: 3 students." in text
    told = client.get(reverse("study-agreement", args=[people.study.pk])).json()
    assert told["blind"]["agreement"]["table"] == [[2, 1], [1, 2]]
    assert told["all"]["agreement"]["kappa"]["value"] == 1.0
    assert told["blind"]["agreement"]["kappa"]["value"] == pytest.approx(1 / 3)
    counts = {(one["instructor"], one["coach"]): one["n"] for one in told["blind"]["everything"]}
    assert sum(counts.values()) == told["blind"]["reviews"] == 6
    assert counts["incorrect", "correct"] == 1
    assert told["instructors"] == []


def test_without_a_blind_review_the_page_says_how_to_give_one(client: Client, people: Personas) -> None:
    say(judged(people.study, 1)[0], people.instructor, "correct", "incorrect")
    client.force_login(people.owner)
    page = words(client.get(reverse("analysis:agreement", args=[people.study.pk])).content.decode())
    assert "No review is blind yet" in page
    assert client.get(reverse("study-agreement", args=[people.study.pk])).json()["blind"]["agreement"] is None


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_page_and_command_print_the_same_figures(client: Client, people: Personas) -> None:
    for assessment in judged(people.study, 3):
        say(assessment, people.instructor, "correct", "incorrect")
    say(judged(people.study, 1)[0], people.instructor, "incorrect", "incorrect")
    client.force_login(people.researcher)
    page = words(client.get(reverse("analysis:agreement", args=[people.study.pk])).content.decode())
    out = io.StringIO()
    call_command("review_agreement", people.study.pk, stdout=out)
    printed = " ".join(out.getvalue().split())
    for text in ("Agreement 8 .875", "Sensitivity 5 .800", "Specificity 3 1.000", "Cohen's kappa 8 .750"):
        assert text in printed
        assert text in page.replace("&#x27;", "'")
    assert "8 of the coach's 8 repetitions have a review." in printed
    assert "upper limit" in page


def test_an_unreviewed_study_says_so(client: Client, people: Personas) -> None:
    judged(people.study, 1)
    client.force_login(people.owner)
    assert (
        "Nothing is reviewed yet" in client.get(reverse("analysis:agreement", args=[people.study.pk])).content.decode()
    )
    out = io.StringIO()
    call_command("review_agreement", people.study.pk, stdout=out)
    assert "0 of the coach's 2 repetitions have a review." in out.getvalue()
    with pytest.raises(CommandError, match="no study 0"):
        call_command("review_agreement", 0)


def test_queries_do_not_grow_with_the_reviews(people: Personas) -> None:
    counts: list[Any] = []
    for size in (1, 6):
        for assessment in judged(people.study, size):
            say(assessment, people.instructor, "correct", "incorrect")
        with CaptureQueriesContext(connection) as queries:
            review_report(people.study)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6
