"""What a study's record says to each item of the checklist, in sentences. What it does not hold has no key."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Min, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysis.flow.layout import reasons_in_words
from studies.access import arm_name, sees_arms
from studies.closing.looks import LOOKED, is_over, may_compare
from studies.models import Injury, Outcome, TrainingSession
from studies.plan_words import consort_items
from studies.protocol.selectors import current_document
from studies.protocol.services import newest_version
from studies.protocol.words import HIDDEN, as_seen_by, changes

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from analysis.flow.counts import Flow
    from studies.models import Study, User

Facts = dict[str, list[str]]


def facts_of(user: User, study: Study, flow: Flow) -> Facts:
    """Sentences by key, as this person may read them: groups by the names that they see."""
    document = as_seen_by(user, study, current_document(study))
    found: Facts = {}
    for part in (
        _of_document(document),
        _of_openness(study, document),
        _of_changes(user, study),
        _of_randomisation(user, study),
        _of_flow(flow),
        _of_dates(study),
        _of_looks(study),
        _of_log(user, study),
    ):
        found |= {key: texts for key, sentences in part.items() if (texts := [text for text in sentences if text])}
    return found


def _of_document(document: Mapping[str, Any]) -> Facts:
    times = {row["key"]: row["name"] for row in document["time_points"]}
    ratios = [row["ratio"] for row in document["arms"]]
    arms = " : ".join(row["name"] for row in document["arms"])
    shares = " : ".join(map(str, ratios)) if None not in ratios else str(HIDDEN)
    tests = dict(Outcome.PlannedTest.choices)
    outcomes, planned, hypotheses = [], [], []
    for row in document["outcomes"]:
        role = _("Primary") if row["role"] == "primary" else _("Secondary")
        at = times.get(row["main_time_point"], _("no time named"))
        unit = f" ({row['unit']})" if row["unit"] else ""
        outcomes.append(f"{role}: {row['name']}{unit}; {at}.")
        planned.append(f"{row['name']}: {tests.get(row['planned_test'], row['planned_test'])}; {at}.")
        hypotheses += [f"H0: {row['null']}" if row["null"] else ""]
        hypotheses += [f"H1: {row['alternative']}" if row["alternative"] else ""]
    computed = (document["computed"] or {}).get("sentence", "")
    students = document["students"]
    return {
        "objectives": [document["summary"], *hypotheses],
        "design": [
            _("Parallel groups, %(arms)s, ratio %(shares)s.") % {"arms": arms, "shares": shares}
            if len(document["arms"]) > 1
            else ""
        ],
        "setting": [document["setting"]],
        "eligibility": [document["include"], _said(_("Not: %(text)s"), document["exclude"])],
        "interventions": [
            *(f"{row['name']}: {row['description']}" for row in document["arms"] if row["description"]),
            _said(_("In all groups: %(text)s"), document["curriculum"]),
            _training(document),
        ],
        "outcomes": outcomes,
        "tests": planned,
        "sample_size": [
            _("%(n)d students were planned.") % {"n": students} if students else "",
            document["reasoning"],
            computed,
        ],
    }


def _said(sentence: str, text: str) -> str:
    return sentence % {"text": text} if text else ""


def _training(document: Mapping[str, Any]) -> str:
    names = ("weeks", "lessons_per_week", "lesson_minutes")
    if not all(document[name] for name in names):
        return ""
    return _("%(weeks)d weeks, %(lessons_per_week)d lessons a week of %(lesson_minutes)d minutes.") % {
        name: document[name] for name in names
    }


def _of_openness(study: Study, document: Mapping[str, Any]) -> Facts:
    version = newest_version(study)
    registered = [document["registry"], document["registration_number"]]
    approved = [document["committee"], document["ethics_number"]]
    return {
        "registration": [", ".join(filter(None, registered))],
        "protocol": [
            _("Version %(number)d of %(when)s, SHA-256 %(hash)s.")
            % {"number": version.number, "when": _day(version.created_at), "hash": version.sha256}
            if version
            else "",
            _said(_("Approved by %(text)s."), ", ".join(filter(None, approved))),
        ],
        "data_sharing": [document["data_sharing"]],
        "funding": [document["funding"]],
        "interests": [document["interests"]],
    }


def _day(moment: dt.date) -> str:
    return date_format(moment, "j F Y")


def _of_looks(study: Study) -> Facts:
    """Every look before the end; that there was none can be said once the study is over. Reasons may name groups."""
    days = [_day(look.at) for look in study.milestones.filter(kind=LOOKED).order_by("at", "pk")]
    found = [_("The groups were compared before the end, from %(day)s on.") % {"day": day} for day in days]
    if not found and is_over(study):
        found = [_("No comparison of the groups before the end: no page showed one.")]
    return {"looks": found}


def _of_changes(user: User, study: Study) -> Facts:
    """The amendments with their reasons and the fields that each changed."""
    versions = list(study.protocol_versions.order_by("number"))
    if not versions:
        return {}
    found = []
    blinded = not sees_arms(user, study)
    for before, version in pairwise(versions):
        if not version.is_amendment:
            continue
        old, new = (as_seen_by(user, study, row.document) for row in (before, version))
        fields = "; ".join(change.label for change in changes(old, new))
        text = _("Version %(number)d, %(when)s: %(fields)s. Reason: %(reason)s")
        reason = str(HIDDEN) if blinded else version.reason
        found.append(
            text % {"number": version.number, "when": _day(version.created_at), "fields": fields, "reason": reason}
        )
    return {"changes": found or [_("The protocol was not amended after the groups were first fixed.")]}


def _of_randomisation(user: User, study: Study) -> Facts:
    keys = ("sequence", "restriction", "concealment", "implementation")
    plan = study.plans.first()
    if plan is not None:
        texts = [text for _number, text in consort_items(plan)]
        if not sees_arms(user, study):
            texts[1] = str(HIDDEN)  # it names the groups
        return {key: [text] for key, text in zip(keys, texts, strict=True)}
    drawn = study.allocation_lists.order_by("created_at").first()
    if drawn is None:
        return {}
    return {
        "sequence": [
            _("By LiftLab, algorithm %(algorithm)s, from a seed of the operating system; SHA-256 of the list %(hash)s.")
            % {"algorithm": drawn.algorithm, "hash": drawn.sha256}
        ],
        "restriction": [_("Complete randomisation with fixed group sizes, the class at once.")],
        "concealment": [_("Only students who were enrolled already were drawn, all who waited at once.")],
        "implementation": [_("The computer generated the sequence and assigned; staff of the study enrolled.")],
    }


def _of_flow(flow: Flow) -> Facts:
    if not flow.randomised:
        return {}
    losses, missing = [], []
    for arm in flow.arms:
        words = reasons_in_words(arm.lost)
        losses.append(
            _("%(arm)s: %(n)d lost or withdrawn%(reasons)s.")
            % {"arm": arm.name, "n": arm.lost_all, "reasons": f" ({words})" if words else ""}
        )
        for row in arm.analysed:
            out = sum(count.n for count in row.left_out)
            text = _("%(arm)s, %(outcome)s: %(n)d analysed, %(out)d left out%(reasons)s.")
            words = reasons_in_words(row.left_out)
            reasons = f" ({words})" if words else ""
            missing.append(text % {"arm": arm.name, "outcome": row.outcome, "n": row.n, "out": out, "reasons": reasons})
    return {
        "flow": [
            _("%(arm)s: %(n)d randomised, %(trained)d trained at least once.")
            % {"arm": arm.name, "n": arm.allocated, "trained": arm.trained}
            for arm in flow.arms
        ]
        + missing,
        "losses": losses,
        "population": [
            _("Everybody who has a group and a value at the main time, in the group that they are in at the end.")
        ],
        "missing": [_("Nothing was filled in for a missing value: the student is left out of that outcome."), *missing],
        "estimates": [_("In the report, with intervals and the hash of its data.") if flow.has_values else ""],
    }


def _of_dates(study: Study) -> Facts:
    enrolled = study.participants.aggregate(first=Min("enrolled_at"), last=Max("enrolled_at"))
    texts = []
    if enrolled["first"]:
        texts.append(
            _("Enrolled from %(first)s to %(last)s.") % {name: _day(enrolled[name]) for name in ("first", "last")}
        )
    if study.starts_on and study.ends_on:
        texts.append(
            _("Planned from %(first)s to %(last)s.") % {"first": _day(study.starts_on), "last": _day(study.ends_on)}
        )
    ended = []
    if study.closed_at:
        milestone = study.milestones.filter(kind="closed").first()
        ended.append(_("Closed on %(when)s.") % {"when": _day(study.closed_at)})
        ended.append(milestone.reason if milestone else "")
    return {"dates": texts, "ended": ended}


def _of_log(user: User, study: Study) -> Facts:
    """Lessons and, once groups may be compared, injuries of each arm, by the name that the person sees."""
    arms = sorted((arm_name(user, arm), arm.pk) for arm in study.arms.all())
    lessons = {
        row["participant__arm"]: row
        for row in TrainingSession.objects.lessons()
        .filter(participant__study=study)
        .values("participant__arm")
        .annotate(n=Count("pk"), minutes=Sum("minutes"), people=Count("participant", distinct=True))
        .order_by()
    }
    injuries = {
        row["participant__arm"]: row
        for row in Injury.objects.counted()
        .filter(participant__study=study)
        .values("participant__arm")
        .annotate(n=Count("pk"), people=Count("participant", distinct=True))
        .order_by()
    }
    if not study.participants.exclude(arm=None).exists():
        return {}
    none = {"n": 0, "minutes": 0, "people": 0}
    delivered, harms = [], []
    for name, key in arms:
        lesson, injury = lessons.get(key, none), injuries.get(key, none)
        hours = round((lesson["minutes"] or 0) / 60)
        delivered.append(
            _("%(arm)s: %(n)d lessons of %(people)d students, %(hours)d hours.")
            % {"arm": name, "n": lesson["n"], "people": lesson["people"], "hours": hours}
        )
        harms.append(
            _("%(arm)s: %(n)d injuries of %(people)d students in %(hours)d hours.")
            % {"arm": name, "n": injury["n"], "people": injury["people"], "hours": hours}
        )
    roles = set(study.memberships.values_list("role", flat=True)) & {"assessor", "researcher"}
    blinded = [
        _("Assessors of the ratings.") if "assessor" in roles else "",
        _("Researchers, who see the groups as letters.") if "researcher" in roles else "",
    ]
    return {
        "delivered": delivered,
        "harms": harms if may_compare(study) else [],
        "harms_method": [_("Injuries were logged by instructors in all groups in the same way.")],
        "blinding": blinded,
    }
