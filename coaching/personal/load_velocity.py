"""A student's sets with load and speed, and the line through them, as page and programs show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from coaching.live.models import LiveSet
from coaching.personal.line_plot import LinePlot, plot_of
from coaching.personal.speed import velocity_in
from coaching.presentation import result_of
from coaching.vision.load_velocity import V_AT_1RM, V_AT_1RM_SD, Estimate, Line, NoLine, NoMaximum, load_velocity_line

if TYPE_CHECKING:
    import datetime as dt

    from coaching.models import Session
    from studies.models import Participant

MOST_SETS = 200
STEP_KG = 5.0


@dataclass(frozen=True, slots=True)
class SetPoint:
    """The best repetition of one set: mean concentric velocity and its SD, m/s. scale: `plate` or `height`."""

    session: str
    at: dt.datetime
    load_kg: float
    m_s: float
    sigma: float
    scale: str


@dataclass(frozen=True, slots=True)
class AtLoad:
    """What the line says of a load: the speed of a set with it, and the share of the estimated maximum, percent."""

    load_kg: float
    speed: Estimate
    percent: float | None


@dataclass(frozen=True, slots=True)
class LoadVelocity:
    """points: oldest first. line is None where there is none, and `why` says why; so does `why_no_maximum`.

    maximum: kg at `v_at_1rm`. slower, faster: the same at that velocity one SD between people lower and higher.
    middle: a load in the middle of what was lifted.
    """

    points: tuple[SetPoint, ...]
    v_at_1rm: float
    line: Line | None = None
    code: str = ""
    why: str = ""
    maximum: Estimate | None = None
    slower_kg: float | None = None
    faster_kg: float | None = None
    why_no_maximum: str = ""
    loads: tuple[AtLoad, ...] = ()
    middle: AtLoad | None = None
    plot: LinePlot | None = None


def load_velocity_of(
    participant: Participant, *, v_at_1rm: float = V_AT_1RM, since: dt.date | None = None
) -> LoadVelocity:
    """The student's line over the sets since that day, or why there is none."""
    points = tuple(set_points(participant, since=since))
    found = load_velocity_line([(point.load_kg, point.m_s) for point in points], v_at_1rm)
    marks = [(point.load_kg, point.m_s, point.sigma) for point in points]
    if isinstance(found, NoLine):
        plot = plot_of(marks, None, None) if points else None
        return LoadVelocity(points, v_at_1rm, code=found.code, why=_why(found), plot=plot)
    maximum = found.maximum(v_at_1rm)
    if isinstance(maximum, NoMaximum):
        why, told = _why_no_maximum(maximum), None
    else:
        why, told = "", maximum
    top = told.value if told else None
    loads = tuple(_at(found, load, top) for load in _loads(found))
    middle = min(loads, key=lambda one: abs(one.load_kg - (found.low_kg + found.high_kg) / 2.0), default=None)
    return LoadVelocity(
        points=points,
        v_at_1rm=v_at_1rm,
        line=found,
        maximum=told,
        slower_kg=found.load_at(v_at_1rm + V_AT_1RM_SD).value if told else None,
        faster_kg=found.load_at(v_at_1rm - V_AT_1RM_SD).value if told else None,
        why_no_maximum=why,
        loads=loads,
        middle=middle,
        plot=plot_of(marks, found, told and (told.value, v_at_1rm)),
    )


def set_points(participant: Participant, *, since: dt.date | None = None) -> list[SetPoint]:
    """A point a set with a load and a speed in m/s, oldest first. A live set whose film has a speed is that film."""
    rows = participant.sessions.filter(load_kg__gt=0, rejected_code="").with_latest_run().select_related("live_set")
    if since is not None:
        rows = rows.filter(uploaded_at__date__gte=since)
    newest = list(rows.order_by("-uploaded_at", "-pk")[:MOST_SETS])
    found = {row.pk: point for row in reversed(newest) if (point := _point(row)) is not None}
    films = LiveSet.objects.filter(participant=participant, film__in=list(found)).values_list("session", flat=True)
    filmed = set(films)
    return [point for pk, point in found.items() if pk not in filmed]


def _point(session: Session) -> SetPoint | None:
    result = result_of(session.latest_run)
    block = velocity_in(session, result.document) if result and not result.refused_code else None
    if block is None or block["unit"] != "m/s" or not block["repetitions"] or session.load_kg is None:
        return None
    best = max(block["repetitions"], key=lambda one: one["mean"])
    scale = block.get("scale", "height")
    return SetPoint(str(session.pk), session.uploaded_at, float(session.load_kg), best["mean"], best["sigma"], scale)


def _loads(line: Line) -> list[float]:
    """Steps of 5 kg within what was lifted, at most a dozen."""
    first = -(-line.low_kg // STEP_KG)
    steps = [STEP_KG * (first + i) for i in range(int(line.high_kg // STEP_KG - first) + 1)]
    return steps[:: max(1, -(-len(steps) // 12))]


def _at(line: Line, load_kg: float, maximum: float | None) -> AtLoad:
    return AtLoad(load_kg, line.velocity_at(load_kg), 100.0 * load_kg / maximum if maximum else None)


def _why(no: NoLine) -> str:
    found = {
        "too_few_loads": _(
            "A line needs sets with %(needed)d different loads whose speed is known in metres a second; so far there "
            "are %(found)d. Tell load and height, or the plate's diameter, with every set."
        ),
        "slope_not_negative": _(
            "In these sets heavier bars did not move slower, so there is no line. Pull every repetition as fast as you "
            "can, and check the loads that were told."
        ),
        "not_a_line": _(
            "These sets do not lie on a line: it explains %(found_percent)d %% of their differences, and at least "
            "%(needed_percent)d %% are asked for. Pull every repetition as fast as you can, filmed from one place."
        ),
        "span_too_small": _(
            "The loads are too alike: they span %(found_percent)d %% of the load at a maximum, and at least "
            "%(needed_percent)d %% are asked for. Add a lighter or a heavier set."
        ),
    }[no.code]
    counts = {"found": int(no.found), "needed": int(no.needed)}
    return found % {**counts, "found_percent": int(100 * no.found), "needed_percent": round(100 * no.needed)}


def _why_no_maximum(no: NoMaximum) -> str:
    return _(
        "No maximum is told: the line would have to reach %(found)d kg, beyond the %(needed)d kg that lie within "
        "20 %% of the heaviest set. A heavier set brings it nearer."
    ) % {"found": round(no.found), "needed": round(no.needed)}
