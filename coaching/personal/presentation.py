"""A student's progress as pages and programs show it: each measure over the sets of one view, with what is a change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from coaching.personal.history import judged_sets
from coaching.personal.plot import Plot, Point, plot_of
from coaching.vision.detectable import middle_sigma, smallest_detectable_change, within_set_sd
from coaching.vision.history import comparable
from coaching.vision.progress import progress_of, set_measure
from coaching.vision.reference import Reference, TooFewRepetitions, reference_of
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from coaching.vision.history import JudgedSet
    from coaching.vision.progress import SetMeasure
    from studies.models import Participant


LESS, MORE, MIDDLE = _("Less is better."), _("More is better."), _("Near the middle is better.")


class Shown(NamedTuple):
    """How one measure is called, and which way is better. `also`: the fault at the other end of the same measure."""

    title: str | _StrPromise
    aim: str | _StrPromise = LESS
    also: str = ""


MEASURES: dict[str, Shown] = {
    "hips_first": Shown(_("Trunk tips forward as the bar leaves the floor")),
    "rounded_upper_back": Shown(_("Upper back rounds")),
    "bar_drift": Shown(_("Bar swings away from the legs")),
    "no_lockout": Shown(_("How straight hip and knee get at the top"), MORE),
    "hyperextension": Shown(_("Trunk leans back at the top")),
    "knees_in": Shown(_("Knees move inside the feet")),
    "asymmetry": Shown(_("Bar tilts to one side")),
    "bent_arms": Shown(_("How straight the arms stay"), MORE),
    "narrow_grip": Shown(_("Width of the grip"), MIDDLE, "wide_grip"),
    "narrow_stance": Shown(_("Width of the stance"), MIDDLE, "wide_stance"),
    "lean_left": Shown(_("Trunk leans aside, left positive"), MIDDLE, "lean_right"),
}


class Scale(NamedTuple):
    factor: float
    digits: int
    unit: str | _StrPromise


SCALES: dict[str, Scale] = {
    "deg": Scale(1.0, 0, "°"),
    "body heights": Scale(100.0, 1, _("% of body height")),
    "trunk lengths": Scale(100.0, 1, _("% of trunk length")),
    "shoulder widths": Scale(1.0, 2, _("shoulder widths")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One set of one measure, in the page's unit."""

    session: str
    at: dt.datetime
    load_kg: float | None
    median: str
    low: str
    high: str
    clear: int
    judged: int


@dataclass(frozen=True, slots=True)
class MeasureHistory:
    """One measure over the sets. `direction`: since the set before the last; empty with a single one.

    own: the middle of the student's own best; sdc: what a set must differ from it by (without it: from the first set).
    """

    name: str
    title: str
    aim: str
    unit: str
    rows: tuple[Row, ...]
    direction: str
    own: str
    sdc: str
    plot: Plot | None

    @property
    def suffix(self) -> str:
        """The unit as it follows a number."""
        return self.unit if self.unit == "°" else f" {self.unit}"


@dataclass(frozen=True, slots=True)
class ViewHistory:
    """All sets that compare with each other, oldest first. `best` and `needed`: repetitions of the own reference."""

    view: str
    sets: int
    best: int
    needed: int
    reviewed: int
    measures: tuple[MeasureHistory, ...]


def progress_by_view(participant: Participant) -> tuple[ViewHistory, ...]:
    """The views with most sets first. Films of one view that were measured differently stand apart."""
    groups: list[list[JudgedSet]] = []
    for one in judged_sets(participant):
        if len(one.counted) < DEFAULT.personal.min_set_reps:
            continue
        group = next((group for group in groups if comparable(group[0], one)), None)
        if group is not None:
            group.append(one)
        elif comparable(one, one):  # an unknown view compares with nothing
            groups.append([one])
    groups.sort(key=len, reverse=True)
    return tuple(_view(group) for group in groups)


def _view(sets: Sequence[JudgedSet]) -> ViewHistory:
    last = sets[-1]
    reference = reference_of(last, sets, DEFAULT.personal)
    progress = progress_of(last, sets[:-1], DEFAULT.personal)
    changes = {change.name: change.direction for change in progress.changes} if progress else {}
    measures = (_measure(name, sets, reference, changes) for name in MEASURES)
    few = reference if isinstance(reference, TooFewRepetitions) else None
    return ViewHistory(
        view=last.view,
        sets=len(sets),
        best=few.found if few else known_repetitions(reference),
        needed=few.needed if few else 0,
        reviewed=reference.reviewed if isinstance(reference, Reference) else 0,
        measures=tuple(measure for measure in measures if measure is not None),
    )


def known_repetitions(reference: Reference | TooFewRepetitions) -> int:
    return reference.repetitions if isinstance(reference, Reference) else reference.found


def _measure(
    name: str, sets: Sequence[JudgedSet], reference: Reference | TooFewRepetitions, changes: Mapping[str, str]
) -> MeasureHistory | None:
    unit = next((found for one in reversed(sets) if (found := one.measures().get(name))), None)
    if unit is None:
        return None
    readings = [one.readings(name, unit) for one in sets]
    sigma = middle_sigma([reading.sigma for found in readings for reading in found])
    within = within_set_sd([[reading.value for reading in found] for found in readings], sigma)
    measured = [set_measure(found, within, sigma, DEFAULT.personal) for found in readings]
    seen = [(one, found) for one, found in zip(sets, measured, strict=True) if found is not None]
    if not seen:
        return None
    scale = SCALES.get(unit, Scale(1.0, 2, unit))
    own = reference.measure(name, unit) if isinstance(reference, Reference) else None
    middle, sem = (own.median, own.sem) if own else (seen[0][1].median, seen[0][1].sem)
    sdc = smallest_detectable_change(seen[-1][1].sem, sem, DEFAULT.personal)
    also = MEASURES[name].also
    return MeasureHistory(
        name=name,
        title=str(MEASURES[name].title),
        aim=str(MEASURES[name].aim),
        unit=str(scale.unit),
        rows=tuple(_row(one, found, scale, _clear(one, name, also, unit)) for one, found in seen),
        direction=_direction(changes, name, also) if len(seen) > 1 else "",
        own=_number(own.median, scale) if own else "",
        sdc=_number(sdc, scale),
        plot=_plot(seen, scale, middle, sdc) if len(seen) > 1 else None,
    )


def _direction(changes: Mapping[str, str], name: str, also: str) -> str:
    """Of a measure with a fault at each end, what is said of either."""
    said = [changes.get(name, "same"), changes.get(also, "same")]
    return next((word for word in said if word != "same"), "same")


def _clear(one: JudgedSet, name: str, also: str, unit: str) -> int:
    """Repetitions with neither fault of the measure."""
    names = [name, also] if also else [name]
    found: dict[int, float] = {}
    for fault in names:
        for reading in one.readings(fault, unit):
            found[reading.rep] = max(reading.p, found.get(reading.rep, 0.0))
    return sum(p < DEFAULT.personal.present_p for p in found.values())


def _row(one: JudgedSet, found: SetMeasure, scale: Scale, clear: int) -> Row:
    median, low, high = (_number(value, scale) for value in (found.median, found.low, found.high))
    at = dt.datetime.fromisoformat(one.at)
    return Row(one.key, at, one.load_kg, median, low, high, clear, found.judged)


def _number(value: float, scale: Scale) -> str:
    text = f"{value * scale.factor:.{scale.digits}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def _plot(seen: Sequence[tuple[JudgedSet, SetMeasure]], scale: Scale, middle: float, sdc: float) -> Plot:
    points = [Point(*(value * scale.factor for value in (m.median, m.low, m.high))) for _one, m in seen]
    return plot_of(points, middle * scale.factor, sdc * scale.factor, scale.digits)
