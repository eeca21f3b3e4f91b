#!/usr/bin/env python3
"""Check a published LiftLab allocation: python verify_allocation.py published.json

Standard library only, Python 3.10 or later, no network. It makes the list again from the published seed, design and
order of students, and checks that the hash published before the first enrolment is the hash of that seed and design.
It shares no code with LiftLab: it was written from docs/randomisation.md.

Exit status: 0 everything fits, 1 something does not (each difference is printed), 2 the file can't be checked.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

WORDS = 2**64
Document = dict[str, Any]
Rows = list[Document]


class Unusable(Exception):
    """The file can't be checked; the message says why."""


def canonical(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Numbers:
    """SHA-256 in counter mode over label and seed."""

    def __init__(self, label: str, seed: str) -> None:
        self.text, self.block = f"{label}\n{seed}\n", 0
        self.words: list[int] = []

    def word(self) -> int:
        if not self.words:
            raw = hashlib.sha256(f"{self.text}{self.block}".encode()).digest()
            self.words = [int.from_bytes(raw[i : i + 8], "big") for i in (0, 8, 16, 24)]
            self.block += 1
        return self.words.pop(0)

    def below(self, n: int) -> int:
        word = self.word()
        while word >= WORDS - WORDS % n:
            word = self.word()
        return word % n

    def shuffle(self, items: list[str]) -> list[str]:
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


def places_of(design: Document) -> list[str]:
    places: list[str] = []
    for arm in sorted(design["arms"], key=lambda row: str(row["key"])):
        places += [arm["key"]] * arm["ratio"]
    return places


def all_at_once(design: Document, seed: str, batch: int, names: set[str]) -> dict[str, str]:
    numbers = Numbers(f"{design['algorithm']}/{batch}", seed)
    order = numbers.shuffle(sorted(names))
    places = places_of(design)
    slots = places * (len(order) // len(places)) + numbers.shuffle(places)[: len(order) % len(places)]
    return dict(zip(order, slots, strict=True))


def complete(design: Document, seed: str, rows: Rows, unit: str = "id") -> list[str]:
    batches: dict[int, set[str]] = {}
    for row in rows:
        batches.setdefault(row["batch"], set()).add(row[unit])
    drawn = {batch: all_at_once(design, seed, batch, names) for batch, names in batches.items()}
    return [drawn[row["batch"]][row[unit]] for row in rows]


def clusters(design: Document, seed: str, rows: Rows) -> list[str]:
    return complete(design, seed, rows, unit="cluster")


def blocks(design: Document, seed: str, rows: Rows) -> list[str]:
    places, sizes = places_of(design), sorted(design["block_sizes"])
    strata: dict[str, tuple[Numbers, list[str]]] = {}
    arms = []
    for row in rows:
        stratum = canonical([row["levels"][factor["key"]] for factor in design["factors"]])
        if stratum not in strata:
            strata[stratum] = (Numbers(f"{design['algorithm']}/{stratum}", seed), [])
        numbers, waiting = strata[stratum]
        if not waiting:
            size = sizes[numbers.below(len(sizes))]
            waiting += numbers.shuffle(places * (size // len(places)))
        arms.append(waiting.pop(0))
    return arms


def minimise(design: Document, seed: str, rows: Rows) -> list[str]:
    given: list[tuple[Document, str]] = []
    for k, row in enumerate(rows, start=1):
        numbers = Numbers(f"{design['algorithm']}/{k}", seed)
        coin = numbers.below(100)
        score = scores(design, row, given)
        best = {arm for arm, value in score.items() if value == min(score.values())}
        if k <= design["burn_in"] or len(best) == len(score):
            candidates = set(score)
        else:
            candidates = best if coin < design["follow_percent"] else set(score) - best
        places = [arm for arm in places_of(design) if arm in candidates]
        given.append((row, places[numbers.below(len(places))]))
    return [arm for _row, arm in given]


def scores(design: Document, row: Document, given: list[tuple[Document, str]]) -> dict[str, int]:
    """Each arm's imbalance if it got the student of `row`."""
    ratio = {arm["key"]: arm["ratio"] for arm in design["arms"]}
    common = 1
    while any(common % share for share in ratio.values()):
        common += 1
    groups = [(design["totals_weight"], [arm for _other, arm in given])]
    for factor in design["factors"]:
        key = factor["key"]
        same = [arm for other, arm in given if other["levels"][key] == row["levels"][key]]
        groups.append((factor["weight"], same))
    found = {}
    for candidate in ratio:
        found[candidate] = 0
        for weight, arms in groups:
            counts = [(arms.count(arm) + (arm == candidate)) * common // ratio[arm] for arm in ratio]
            found[candidate] += weight * (max(counts) - min(counts))
    return found


ALGORITHMS = {
    "complete-sha256-v2": complete,
    "clusters-sha256-v1": clusters,
    "blocks-sha256-v1": blocks,
    "minimise-sha256-v1": minimise,
}


def check_first_version(published: Document) -> tuple[int, list[str]]:
    """A list of complete-sha256-v1: drawn at once, and the hash covers the class too."""
    ids, arms, seed = sorted(published["ids"]), sorted(published["arms"]), published["seed"]
    hashed = {"algorithm": published["algorithm"], "arms": arms, "ids": ids, "seed": seed}
    wrong = []
    if digest(canonical(hashed)) != published["sha256"]:
        wrong.append("the hash does not fit seed, groups and students")
    numbers = Numbers(published["algorithm"], seed)
    order, lots = numbers.shuffle(ids), numbers.shuffle(arms)
    drawn = {who: lots[i % len(lots)] for i, who in enumerate(order)}
    given = published["allocation"]
    wrong += [f"{who}: drawn {drawn[who]}, published {given.get(who)}" for who in ids if drawn[who] != given.get(who)]
    wrong += [f"{who} is not in the list of students" for who in given if who not in drawn]
    return len(ids), wrong


def check_committed(published: Document) -> tuple[int, list[str]]:
    """A list whose seed and design were fixed by a hash before the first student."""
    if published.get("seed") is None:
        raise Unusable("The seed is not published yet: it is when the allocation is closed. Until then keep the hash.")
    design, seed, rows = published["design"], published["seed"], published["assignments"]
    if design["algorithm"] not in ALGORITHMS:
        raise Unusable(f"This program does not know the algorithm {design['algorithm']}.")
    wrong = []
    if digest(canonical({"design": design, "seed": seed})) != published["commitment"]:
        wrong.append("the hash does not fit seed and design: one of them is not what was published")
    if [row["number"] for row in rows] != list(range(1, len(rows) + 1)):
        wrong.append("the assignments are not numbered 1, 2, 3, ...: one is missing or was moved")
    if len({row["id"] for row in rows}) != len(rows):
        wrong.append("a student is in the list twice")
    arms = ALGORITHMS[design["algorithm"]](design, seed, rows)
    for row, arm in zip(rows, arms, strict=True):
        if arm != row["arm"]:
            wrong.append(f"{row['id']} (number {row['number']}): drawn {arm}, published {row['arm']}")
    return len(rows), wrong


def report(published: Document, count: int, wrong: list[str]) -> int:
    for difference in wrong:
        sys.stdout.write(f"DIFFERS  {difference}\n")
    if wrong:
        return 1
    sys.stdout.write(f"The hash fits. {count} students drawn again: every one is in the published group.\n")
    moves = len(published.get("moves") or [])
    if moves:
        sys.stdout.write(f"Moved by hand afterwards, against the draw: {moves} (in the file under moves).\n")
    return 0


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        published = json.loads(Path(arguments[0]).read_text(encoding="utf-8-sig"))
        count, wrong = (check_first_version if "ids" in published else check_committed)(published)
    except Unusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stderr.write(f"{arguments[0]} is not a published allocation: {type(error).__name__} {error}\n")
        return 2
    return report(published, count, wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
