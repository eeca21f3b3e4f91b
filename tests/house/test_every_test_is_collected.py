"""A test file that pytest does not see is worse than none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_tests_live_in_one_root_and_every_folder_is_a_package() -> None:
    strays = [
        path.relative_to(ROOT)
        for app in ("config", "studies", "coaching", "analysis")
        for path in (ROOT / app).rglob("test*.py")
    ]
    assert strays == []
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [folder.name for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_test_file_has_a_name_that_pytest_collects() -> None:
    wrong = [
        path.name
        for path in (ROOT / "tests").rglob("*.py")
        if "\ndef test_" in path.read_text() and not path.name.startswith("test_")
    ]
    assert wrong == []


@pytest.mark.xdist_group("groups")
def test_tests_of_a_group_stay_on_one_worker(request: pytest.FixtureRequest) -> None:
    """A pair of versions of pytest and its plugin dropped the groups in silence: each worker made what is costly."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("one process has no groups")
    assert request.node.nodeid.endswith("@groups")
