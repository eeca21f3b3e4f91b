"""A test file that pytest does not see is worse than none."""

from __future__ import annotations

from pathlib import Path

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
