"""How the study drew its groups, in a form that the randomisation test can do again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.stats import InvalidSample
from studies.randomise.design import CLUSTERS, COMPLETE, read_design
from studies.randomise.simulate import redraw

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from analysis.plans.people import Data, Person
    from studies.randomise.design import Design

    Redraw = Callable[[np.random.Generator, int], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Again:
    """Blocks within which groups were permuted (a label a person), or a procedure that draws everybody anew."""

    blocks: tuple[str, ...] | None = None
    redraw: Redraw | None = None


def design_of(data: Data, people: Sequence[Person]) -> Again:
    """The draw behind the groups of `people`, in their order.

    A class drawn at once is permuted within its list or batch. Permuted blocks and minimisation are run again from the
    start, for all students in the order in which they came, also those without a value. Sections are drawn as wholes.
    Raises InvalidSample (`no_design`) when groups come from draws of several kinds, or from none.
    """
    if not all(person.source for person in people):
        raise InvalidSample("design", "somebody's group comes from no stored draw", code="no_design")
    if all(person.source.startswith("list:") for person in people):
        return Again(blocks=tuple(person.source for person in people))
    if not data.design:
        raise InvalidSample("design", "groups come from several draws", code="no_design")
    design = read_design(data.design)
    if design.algorithm == COMPLETE:
        return Again(blocks=tuple(f"{person.source}/{person.batch}" for person in people))
    if design.algorithm == CLUSTERS:
        return Again(redraw=_by_section(design, people))
    return Again(redraw=_in_order(design, data, people))


def _in_order(design: Design, data: Data, people: Sequence[Person]) -> Redraw:
    everybody = sorted((person for person in data.people if person.number), key=lambda person: person.number)
    place = {person.code: at for at, person in enumerate(everybody)}
    kept = np.array([place[person.code] for person in people])
    known = [list(factor.all_levels()) for factor in design.factors]
    levels = np.array(
        [
            [known[at].index(person.levels[factor.key]) for at, factor in enumerate(design.factors)]
            for person in everybody
        ],
        dtype=np.int64,
    ).reshape(len(everybody), len(design.factors))

    def draw(rng: np.random.Generator, runs: int) -> NDArray[np.int64]:
        return redraw(design, np.broadcast_to(levels, (runs, *levels.shape)), rng)[:, kept]

    return draw


def _by_section(design: Design, people: Sequence[Person]) -> Redraw:
    """Sections of one batch exchange their groups, so that each batch keeps how many sections a group has."""
    clusters = sorted({(person.batch, person.cluster) for person in people})
    at = {cluster: number for number, cluster in enumerate(clusters)}
    mine = np.array([at[(person.batch, person.cluster)] for person in people])
    arm_of = {(person.batch, person.cluster): design.arms.index(person.arm) for person in people}
    drawn = np.array([arm_of[cluster] for cluster in clusters], dtype=np.int64)
    batches = np.array([batch for batch, _cluster in clusters])

    def draw(rng: np.random.Generator, runs: int) -> NDArray[np.int64]:
        rows = np.repeat(drawn[None], runs, axis=0)
        for batch in np.unique(batches):
            here = np.flatnonzero(batches == batch)
            rows[:, here] = rng.permuted(rows[:, here], axis=1)
        return rows[:, mine]

    return draw
