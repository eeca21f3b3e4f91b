"""Scores of the weekly questions about health, after the OSTRC questionnaires' update of 2020 (OSTRC-O2 and OSTRC-H2).

Clarsen, Bahr, Myklebust, Andersson, Docking, Drew, Finch, Fortington, Harøy, Khan, Moreau, Moore, Møller, Nabhan,
Nielsen, Pasanen, Schwellnus, Soligard and Verhagen (2020), Improved reporting of overuse injuries and health problems
in sport: an update of the Oslo Sport Trauma Research Center questionnaires, Br. J. Sports Med. 54, 390-396,
doi:10.1136/bjsports-2019-101337:

- four questions (participation, modified training, performance, symptoms) of four answers each, worth 0, 8, 17, 25
  (the version of 2013 gave the second and third five answers, 0, 6, 13, 19, 25);
- "full participation without health problems" ends the questions with a severity of 0;
- "could not participate" makes the other three redundant, with a severity of 100;
- else the severity is the sum, 0 to 100;
- substantial: could not participate, or a moderate or major extent in the second or the third question.

The article itself could not be read here. This follows the authors' group's R package ostRc (values; substantial) and
quotations of the article's rules for the first and fourth answers, which agree with the translations' papers
(e.g. PMC8016239). Where the package sums a first answer of 25 alone, the article's 100 is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

VALUES = (0, 8, 17, 25)
FULL, WITH_PROBLEMS, REDUCED, NONE = range(4)
"""Answers about participation: full, full with problems, reduced, could not."""
MODERATE = 2


class WrongAnswers(ValueError):
    """Answers that don't make a score; `missing` names the questions that need one."""

    def __init__(self, *missing: str) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Scored:
    """One problem: the answers that count (None: redundant), severity 0-100, and whether it is substantial."""

    participation: int
    training: int | None
    performance: int | None
    symptoms: int | None
    severity: int
    substantial: bool


def score(
    participation: int, training: int | None = None, performance: int | None = None, symptoms: int | None = None
) -> Scored:
    """Score one problem from answers 0 to 3. Answers made redundant by the first are dropped.

    Raises WrongAnswers for an answer out of range, and where one is missing that counts.
    """
    if participation not in range(4):
        raise WrongAnswers("participation")
    if participation == FULL:
        return Scored(FULL, None, None, None, 0, substantial=False)
    if participation == NONE:
        return Scored(NONE, None, None, None, 100, substantial=True)
    rest = {"training": training, "performance": performance, "symptoms": symptoms}
    wrong = [name for name, answer in rest.items() if answer not in range(4)]
    if wrong or training is None or performance is None or symptoms is None:
        raise WrongAnswers(*wrong)
    severity = sum(VALUES[answer] for answer in (participation, training, performance, symptoms))
    substantial = training >= MODERATE or performance >= MODERATE
    return Scored(participation, training, performance, symptoms, severity, substantial)
