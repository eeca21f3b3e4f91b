"""What a page reads or changes, a program can read or change: every page's route, and the API's route beside it.

A new page fails this test until its line says which routes of the API do the same, or why none does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.test_every_route_as_every_role import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

APPS = ("studies.", "coaching.", "analysis.")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs/api.md"

BESIDE = """
home                            studies student student-questionnaires
studies:study-new               studies
studies:draft-step              studies
studies:draft-review            studies
studies:about                   study
studies:detail                  study study-participants
studies:protocol                study-protocol
studies:protocol-edit           study-protocol-draft
studies:protocol-save           study-protocol-versions
studies:protocol-version        study-protocol-version
studies:protocol-file           study-protocol-version
studies:close                   study-close study-reopen
studies:release                 study-release
studies:look                    study-look
studies:enrol                   study-participants
studies:roster-file             study-class-lists
studies:roster-import           class-list
studies:roster                  study-participants
studies:screening               study-screening
studies:invitations             study-invitations
studies:invitation-revoke       invitation
studies:participant             student
studies:baseline                student-baseline
studies:move                    student-group
studies:allocate                study-draws study-plans
studies:allocation-list         draw
studies:plan-new                study-plans
studies:simulation              study-simulation
studies:plan-published          study-plans
studies:plan-assign             plan-assign
studies:plan-close              plan-close
studies:assign                  plan-assign
studies:audit                   study-audit
studies:audit-file              study-audit-file
studies:staff                   study-staff
studies:staff-change            study-staff
studies:staff-remove            study-staff-member
studies:unblind                 study-unblind
studies:jobs                    jobs
studies:job                     job
studies:job-cancel              job
studies:job-download            job-file
studies:consent-withdraw        student-consent
studies:consent-overview        study-consent
studies:consent-text            study-consent-texts
studies:consent-countersign     consent-countersign
studies:my-data                 student-data
studies:my-data-file            student-data
studies:erasure-ask             student-erasure
studies:privacy                 study-privacy study-erasures study-deletions
studies:erasure-decide          study-erasures erasure-decision
studies:study-export            study-exports
studies:injuries                study-injuries
studies:injury-quick            study-injuries
studies:injury-add              study-injuries
studies:injury                  injury-detail
studies:injury-strike           injury-detail
studies:problem-injury          weekly-problem-injury
studies:hurt                    own-report
studies:health-weeks            study-weeks
studies:health-week             study-week
studies:health                  weekly-answer
studies:alerts                  study-alerts study-alert-limits
studies:alert-acknowledge       acknowledge-alert
studies:lesson-add              study-lessons
studies:lesson                  study-lesson
studies:calendar                study-lessons study-training
studies:student-calendar        student-training
studies:exposure                study-training
studies:questionnaires          study-questionnaires
studies:questionnaire           study-questionnaire
studies:wave-new                questionnaire-windows
studies:wave                    study-window wave-scores
studies:wave-file               wave-scores
studies:answer                  student-answers
coaching:session-list           session-list
coaching:upload                 session-list
coaching:upload-begin           session-list
coaching:upload-slice           session-list
coaching:session                session-detail session-reviews
coaching:run-status             session-detail
coaching:run-cancel             session-run
coaching:run-again              session-run
coaching:media                  session-file
coaching:still                  session-still
coaching:review-queue           sessions-to-review
coaching:review                 session-reviews
coaching:review-add             session-reviews
coaching:blind                  session-reviews
coaching:blind-step             session-reviews
coaching:blind-add              session-reviews
coaching:blind-verdict          session-detail
coaching:strictness             study-strictness
coaching:loss-alert             study-loss-alert
coaching:load-velocity          student-load-velocity
coaching:class                  study-class
coaching:progress               student-progress
coaching:ratings                rating-list difference-list
coaching:rating                 rating-detail
coaching:rating-film            rating-film
coaching:settle                 difference-list difference-detail
coaching:disputed-film          difference-film
coaching:rating-rounds          study-ratings study-differing
coaching:rating-decide          rated-film-score
coaching:rating-hand-over       round-hand-over
coaching:rubric                 study-rubric
coaching:instructor-film        session-instructor-feedback
coaching:instructor-lesson      student-instructor-feedback
analysis:sample-size            study-sample-size study-protocol-draft
analysis:draft-sample-size      study-sample-size studies
analysis:overview               study-overview
analysis:flow                   study-flow
analysis:flow-svg               study-flow
analysis:flow-png               study-flow
analysis:consort                study-consort
analysis:consort-md             study-consort
analysis:consort-docx           study-consort
analysis:injuries               study-injury-rates
analysis:agreement              study-agreement
analysis:raters                 study-raters
analysis:reliability            wave-reliability
analysis:plan                   study-analysis-plans
analysis:plan-file              study-analysis-plans
analysis:reports                study-frozen-reports
analysis:reports-compare        frozen-report-snapshot
analysis:frozen                 frozen-report frozen-report-snapshot
analysis:frozen-status          frozen-report
analysis:frozen-again           frozen-report-again
analysis:frozen-make            frozen-report-files
analysis:frozen-file            frozen-report-file
analysis:frozen-values          frozen-report-snapshot
analysis:frozen-person          frozen-report-snapshot
analysis:dry-run                study-dry-runs
"""

NONE_BECAUSE = {
    "login": "a person signs in; a program has a key",
    "password-change": "a person's own password",
    "password_reset_confirm": "a person's first password, behind their own link",
    "tokens": "no key makes a key",
    "token-revoke": "no key makes a key",
    "second-factor:state": "a person's own second factor",
    "second-factor:set-up": "a person's own second factor",
    "second-factor:verify": "a person's own second factor",
    "studies:consent": "agreeing is a signature under a text that the page shows; withdrawing is student-consent",
    "studies:consent-copy": "the signed copy is the student's; what they agreed to is student-consent",
    "studies:guardian": "a parent's signature, without an account",
    "studies:join-code": "somebody who has no account yet",
    "studies:join": "somebody who has no account yet",
    "studies:verifier": "a program to download, for anybody, with no data",
    "coaching:review-carry": "confirms what one has on the screen; a program sends reviews anew",
    "coaching:live:page": "the camera of a browser",
    "coaching:live:pose-model": "a model for the browser, with no data",
    "coaching:live:begin": "the camera of a browser",
    "coaching:live:token": "the camera of a browser",
    "coaching:live:finish": "the camera of a browser",
    "coaching:live:wall": "a screen on the wall; the sets are session-list",
    "analysis:integrity": "published tables that somebody types in, of no study",
    "analysis:report": "the draft of the moment, to look at; what counts is frozen: study-frozen-reports",
    "analysis:report-json": "the draft of the moment, to look at; what counts is frozen: study-frozen-reports",
    "analysis:report-csv": "the draft of the moment, to look at; what counts is frozen: study-frozen-reports",
    "analysis:ask": "a question by hand; a program puts it into the plan: study-analysis-plans",
}

WRITES = {"POST", "DELETE"}


def walked(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from walked(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}", pattern.callback


def pages_and_api() -> tuple[set[str], set[str]]:
    pages, api = set(), set()
    for name, view in walked(get_resolver().url_patterns):
        if hasattr(view, "cls"):
            api.add(name)
        elif getattr(view, "view_class", view).__module__.startswith(APPS) and not name.startswith("admin:"):
            pages.add(name)
    return pages, api


def beside() -> dict[str, list[str]]:
    return {page: names for page, *names in (line.split() for line in BESIDE.split("\n") if line)}


def test_every_page_has_its_routes_of_the_api_or_a_reason_why_not() -> None:
    pages, api = pages_and_api()
    assert len(pages) > 120
    assert beside().keys() & NONE_BECAUSE.keys() == set()
    assert beside().keys() | NONE_BECAUSE.keys() == pages
    named = {name for names in beside().values() for name in names}
    assert named - api == set()
    assert all(beside().values())


def test_what_a_page_changes_one_of_its_routes_changes_too() -> None:
    methods: dict[str, set[str]] = {}
    for line in lines():
        methods.setdefault(line.route, set()).add(line.method)
    only_read = {
        page
        for page, names in beside().items()
        if methods[page] & WRITES and not any(methods[name] & WRITES for name in names)
    }
    assert only_read == set()
    only_written = {
        page
        for page, names in beside().items()
        if methods[page] == {"GET"} and not any("GET" in methods[name] for name in names)
    }
    assert only_written == set()


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str]]:
    """Name and address of each route of the API, as docs/api.md writes it: studies/{id}/plans/{plan}/close/."""
    for pattern in patterns:
        place = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, place)
        elif hasattr(pattern.callback, "cls") and pattern.name != "schema":
            numbered = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: f"{{{'id' if m[1] == 'pk' else m[1]}}}", place)
            yield str(pattern.name), numbered.removeprefix("api/").replace("_pk}", "}")


def test_the_documentation_lists_every_route_of_the_api_and_no_other() -> None:
    told = set(re.findall(r"`([a-z][\w{}/-]*/)`", DOCUMENT.read_text(encoding="utf-8").partition("## Routes")[2]))
    assert told == {address for _name, address in addresses(get_resolver().url_patterns)}
