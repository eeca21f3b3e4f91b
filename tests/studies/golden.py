"""One allocation of each committed algorithm, written down: a change of an algorithm can't go unseen."""

from __future__ import annotations

from dataclasses import dataclass

from studies.randomise.design import BLOCKS, CLUSTERS, COMPLETE, MINIMISE, Design, Factor
from studies.randomise.sequence import Entry

SEED = 2**127 + 2024

_YEAR_AND_LOAD = (
    ("2", "<60"),
    ("2", ">=60"),
    ("3", "<60"),
    ("2", "<60"),
    ("2", "<60"),
    ("3", ">=60"),
    ("3", "<60"),
    ("2", ">=60"),
    ("2", "<60"),
    ("3", "<60"),
    ("2", "<60"),
    ("3", ">=60"),
)
_IDS = [f"P{number:02d}" for number in range(1, 13)]
STUDENTS = [Entry(who, {"year": year, "load": load}) for who, (year, load) in zip(_IDS, _YEAR_AND_LOAD, strict=True)]


@dataclass(frozen=True, slots=True)
class Golden:
    """`arms` is a letter a student; `commitment` is the hash of design and SEED."""

    design: Design
    entries: list[Entry]
    arms: str
    commitment: str


GOLDEN = (
    Golden(
        Design(COMPLETE, {"y": 1, "x": 2}),
        [Entry(who, batch=1 if number < 7 else 2) for number, who in enumerate(_IDS)],
        "xxyxyyxxxyxy",
        "5e0eb3b05819ff724cc5e813960f6cc5f4d099081d523c9783a51c8b83c27c98",
    ),
    Golden(
        Design(BLOCKS, {"x": 1, "y": 1}, (Factor("year", ("2", "3")), Factor("load", cuts=("60",))), (6, 2, 4)),
        STUDENTS,
        "xxyxxyxyyxyx",
        "e29c46c2fb5fc03407a003dda7479249fb91a9d57f7b385634524cd31dc92328",
    ),
    Golden(
        Design(
            MINIMISE,
            {"x": 1, "y": 1},
            (Factor("year", ("2", "3"), weight=2), Factor("load", cuts=("60",))),
            follow_percent=75,
            burn_in=2,
        ),
        STUDENTS,
        "xyyyxxxxxyxy",
        "fd03b5abf34c4329391d67f855fa3545fd2850f4ef09e6ce560b9f619bb54186",
    ),
    Golden(
        Design(CLUSTERS, {"x": 1, "y": 1}),
        [Entry(who, batch=1 if number < 9 else 2, cluster="ABCD"[number // 3]) for number, who in enumerate(_IDS)],
        "xxxyyyyyyxxx",
        "c1b33c90b2b082984fe8cab0828532641b75fd03714a60c0daed74e6f0f333ed",
    ),
)
