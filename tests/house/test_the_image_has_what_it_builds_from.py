"""The front end is built from what the Dockerfile copies into that stage, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def copied_into(stage: str) -> list[tuple[str, str]]:
    """(source, target) of every COPY from the context in a stage of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text()
    (body,) = re.findall(rf"^FROM \S+ AS {stage}\n(.*?)(?=^FROM |\Z)", text, re.MULTILINE | re.DOTALL)
    found = []
    for line in re.findall(r"^COPY (?!--from)(.+)$", body, re.MULTILINE):
        *sources, target = line.split()
        found += [(source, target) for source in sources]
    return found


def test_the_front_end_is_built_from_what_its_stage_copies(tmp_path: Path) -> None:
    if not (ROOT / "node_modules").is_dir():
        pytest.skip("the front end's packages are not installed")
    for source, target in copied_into("assets"):
        place = tmp_path / target
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("built"))
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, place)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    done = subprocess.run(
        ["npm", "run", "--silent", "build"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    built = tmp_path / "static" / "built"
    assert (built / "app.js").stat().st_size > 1000
    assert (built / "mediapipe" / "vision_wasm_internal.wasm").stat().st_size > 1_000_000
    assert "@mediapipe/tasks-vision" in (built / "licences.txt").read_text()
