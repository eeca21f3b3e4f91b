"""What makes a repetition an example of "correct" or "incorrect", and what each view may count as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coaching.simulator.faults import FAULT_NAMES
from coaching.vision.verdict import FRONTAL, SAGITTAL
from coaching.vision.vocabulary import FRONTAL_FAULTS, SAGITTAL_FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coaching.vision.types import Fault, View


# Shown beside a verdict, no part of it.
UNDECIDED = frozenset(FAULT_NAMES) - SAGITTAL - FRONTAL

CORRECT, INCORRECT = 1, 0
UNKNOWN = -1.0
MODERATE_DEGREE = 0.5
NEGLIGIBLE_DEGREE = 0.15


def observable_faults(view: View) -> frozenset[str]:
    """The faults that this view can show. An oblique view shows the sagittal ones; the frontal ones only in part."""
    if view in {"front", "back"}:
        return frozenset(FRONTAL_FAULTS)
    if view in {"oblique", "side"}:
        return frozenset(SAGITTAL_FAULTS)
    return frozenset()


def label_of(degrees: Mapping[str, float], view: View) -> int | None:
    """CORRECT, INCORRECT, or None where the truth does not decide it for this view.

    Incorrect: a decisive fault that the view can show is at least moderate. Correct: none is more than negligible,
    hidden or not. A fault between the two, or one that the view hides, decides nothing: it would teach a reaction to
    something unseen. The other faults (UNDECIDED) may be there or not: filmed people are called correct with them, so
    the network is taught to look past them.
    """
    unknown = set(degrees) - set(FAULT_NAMES)
    if unknown:
        raise ValueError(f"unknown faults: {sorted(unknown)}")
    visible = observable_faults(view)
    if not visible:
        return None
    deciding = {name: degree for name, degree in degrees.items() if name not in UNDECIDED}
    if any(degree >= MODERATE_DEGREE for name, degree in deciding.items() if name in visible):
        return INCORRECT
    if all(degree <= NEGLIGIBLE_DEGREE for degree in deciding.values()):
        return CORRECT
    return None


def fault_targets(degrees: Mapping[str, float], view: View) -> list[float]:
    """1, 0 or UNKNOWN for each of FAULT_NAMES: unknown where the view hides it or the degree is in between."""
    visible = observable_faults(view)
    return [_target(degrees.get(name, 0.0)) if name in visible else UNKNOWN for name in FAULT_NAMES]


def measured_faults(faults: Sequence[Fault]) -> tuple[float, ...]:
    """The coach's probability of each of FAULT_NAMES, UNKNOWN where it can't observe it."""
    seen = {fault.name: fault.p for fault in faults if fault.observable and fault.p is not None}
    return tuple(seen.get(name, UNKNOWN) for name in FAULT_NAMES)


def measured_bow(faults: Sequence[Fault]) -> float | None:
    """The bow of the back's outline that the coach judged rounding by, trunk lengths; None where it saw none."""
    seen = [fault.value for fault in faults if fault.name == "rounded_upper_back" and fault.unit == "trunk lengths"]
    return seen[0] if seen else None


def _target(degree: float) -> float:
    if degree >= MODERATE_DEGREE:
        return 1.0
    return 0.0 if degree <= NEGLIGIBLE_DEGREE else UNKNOWN
