"""The offline verifier as anybody runs it: a second implementation, in a process of its own, without the project."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from studies.randomise import allocate, commitment
from tests.studies.golden import GOLDEN, SEED, Golden

if TYPE_CHECKING:
    from collections.abc import Callable

VERIFIER = Path(settings.BASE_DIR) / "studies" / "verify_allocation.py"


def published(golden: Golden) -> dict[str, Any]:
    rows = [
        {"number": number, "id": row.id, "arm": arm, "levels": row.levels, "batch": row.batch, "cluster": row.cluster}
        for number, (row, arm) in enumerate(zip(golden.entries, golden.arms, strict=True), start=1)
    ]
    return {
        "design": golden.design.document(),
        "seed": str(SEED),
        "commitment": golden.commitment,
        "assignments": rows,
    }


def verify(folder: Path, document: object) -> subprocess.CompletedProcess[str]:
    """Run a copy of the file alone, isolated from the environment and the project."""
    script = shutil.copy(VERIFIER, folder / "verify_allocation.py")
    (folder / "published.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-S", str(script), "published.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.design.algorithm)
def test_it_makes_every_golden_list_again(golden: Golden, tmp_path: Path) -> None:
    done = verify(tmp_path, published(golden))
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 students drawn again: every one is in the published group" in done.stdout


def test_it_makes_a_list_of_the_first_version_again(tmp_path: Path) -> None:
    ids, arms = ["P1", "P2", "P3", "Ä4"], ["x", "y"]
    document: dict[str, Any] = {
        "algorithm": "complete-sha256-v1",
        "seed": "2024",
        "arms": arms,
        "ids": ids,
        "sha256": commitment(ids, arms, 2024),
        "allocation": allocate(ids, arms, 2024),
    }
    assert verify(tmp_path, document).returncode == 0
    document["allocation"]["P1"] = "y" if document["allocation"]["P1"] == "x" else "x"
    done = verify(tmp_path, document)
    assert done.returncode == 1
    assert "P1: drawn" in done.stdout
    done = verify(tmp_path, document | {"seed": "2025"})
    assert "hash does not fit" in done.stdout


def swap(document: dict[str, Any]) -> None:
    document["assignments"][0], document["assignments"][1] = document["assignments"][1], document["assignments"][0]


def flip(document: dict[str, Any]) -> None:
    row = document["assignments"][3]
    row["arm"] = {"x": "y", "y": "x"}[row["arm"]]


TAMPERED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "another seed": (lambda document: document.update(seed="1"), "hash does not fit"),
    "another design": (lambda document: document["design"].update(block_sizes=[2, 4]), "hash does not fit"),
    "a student moved": (swap, "not numbered 1, 2, 3"),
    "a student left out": (lambda document: document["assignments"].pop(4), "not numbered 1, 2, 3"),
    "a student twice": (lambda document: document["assignments"][1].update(id="P01"), "in the list twice"),
    "an arm changed": (flip, "P04 (number 4): drawn"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_it_names_what_was_tampered_with(what: str, tmp_path: Path) -> None:
    document = published(GOLDEN[1])
    change, said = TAMPERED[what]
    change(document)
    done = verify(tmp_path, document)
    assert done.returncode == 1
    assert said in done.stdout


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"design": {}, "seed": None}, "not published yet"),
        ({"design": {"algorithm": "dice"}, "seed": "1", "assignments": []}, "does not know the algorithm dice"),
        ({}, "not published yet"),
        ([1], "not a published allocation"),
        ({"ids": 3}, "not a published allocation"),
    ],
)
def test_what_cannot_be_checked_is_said_so(document: object, said: str, tmp_path: Path) -> None:
    done = verify(tmp_path, document)
    assert done.returncode == 2
    assert said in done.stderr


def test_it_says_how_it_is_used(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(VERIFIER)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "python verify_allocation.py published.json" in done.stderr


def test_it_counts_moves_by_hand(tmp_path: Path) -> None:
    done = verify(tmp_path, published(GOLDEN[0]) | {"moves": [{"id": "P01", "from": "x", "to": "y"}]})
    assert done.returncode == 0
    assert "against the draw: 1" in done.stdout
