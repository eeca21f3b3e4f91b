"""Sets that were judged before: what a lifter's own reference and progress are made of. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from coaching.vision.types import Fault, Rep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CORRECT, INCORRECT, NOT_ONE = "correct", "incorrect", "not_a_repetition"
DISPUTED = "disputed"
UNKNOWN_VIEW = "unknown"


class Reading(NamedTuple):
    """One measure of one repetition that the view shows."""

    rep: int
    value: float
    sigma: float
    p: float
    at_s: float | None


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """One film's repetitions as they were judged.

    key: the caller's name of the set. at: when it was filmed, an ISO time. engine: what measured it, see `engine_of`.
    reviews: what instructors say of a repetition, by its number, `disputed` where they disagree; named: the faults that
    they name. Both outrank the machine.
    """

    key: str
    at: str
    view: str
    engine: str
    reps: Sequence[Rep]
    load_kg: float | None = None
    reviews: Mapping[int, str] = field(default_factory=dict)
    named: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @property
    def counted(self) -> list[Rep]:
        """Without what an instructor calls no repetition."""
        return [rep for rep in self.reps if self.reviews.get(rep.index) != NOT_ONE]

    def readings(self, name: str, unit: str) -> list[Reading]:
        """The measure of this fault in each repetition that shows it, in this unit.

        Its probability is the instructor's word where there is one: none in a correct repetition, there where named.
        """
        found = [one for rep in self.counted if (one := reading_of(rep, name, unit)) is not None]
        return [one._replace(p=self._p(one, name)) for one in found]

    def _p(self, reading: Reading, name: str) -> float:
        if self.reviews.get(reading.rep) == CORRECT:
            return 0.0
        return 1.0 if name in self.named.get(reading.rep, ()) else reading.p

    def measures(self) -> dict[str, str]:
        """Faults that at least one repetition shows, with the unit that most of them are measured in."""
        units: dict[str, list[str]] = {}
        for rep in self.counted:
            for fault in rep.faults:
                if _is_seen(fault):
                    units.setdefault(fault.name, []).append(fault.unit)
        return {name: max(found, key=found.count) for name, found in units.items()}


def reading_of(rep: Rep, name: str, unit: str) -> Reading | None:
    """The measure of one fault in one repetition; None where the view hides it or it has another unit."""
    for fault in rep.faults:
        if fault.name == name and fault.unit == unit and _is_seen(fault):
            assert fault.value is not None
            assert fault.p is not None
            return Reading(rep.index, fault.value, fault.sigma or 0.0, fault.p, fault.at_s)
    return None


def _is_seen(fault: Fault) -> bool:
    return fault.observable and fault.p is not None and fault.value is not None


def comparable(one: JudgedSet, other: JudgedSet) -> bool:
    """Seen from the same view and measured by the same engine: only then do two values mean the same."""
    return one.view == other.view != UNKNOWN_VIEW and one.engine == other.engine


def engine_of(model: Mapping[str, Any]) -> str:
    """Pose model, its weights and the pipeline's version, from the document's `model`: all that measures."""
    return "|".join(str(model.get(name) or "") for name in ("pose", "pose_sha256", "pipeline_version"))


def judged_set(
    document: Mapping[str, Any],
    *,
    key: str,
    at: str,
    load_kg: float | None = None,
    reviews: Mapping[int, str] | None = None,
    named: Mapping[int, frozenset[str]] | None = None,
) -> JudgedSet:
    """From the document of docs/pipeline.md, as it was stored."""
    reps = tuple(_rep(rep) for rep in document["reps"])
    view = document["view"] or UNKNOWN_VIEW
    return JudgedSet(key, at, view, engine_of(document["model"]), reps, load_kg, reviews or {}, named or {})


def _rep(item: Mapping[str, Any]) -> Rep:
    return Rep(
        index=item["index"],
        start_s=item["start_s"],
        lockout_s=item["lockout_s"],
        end_s=item["end_s"],
        confidence=item.get("confidence") or 0.0,
        faults=tuple(_fault(fault) for fault in item["faults"]),
        verdict=item["verdict"],
        p_correct=item["p_correct"],
    )


def _fault(item: Mapping[str, Any]) -> Fault:
    names = ("name", "p", "observable", "value", "sigma", "unit", "at_s")
    return Fault(**{name: item[name] for name in names})
