"""Imports point one way (docs/architecture.md), and the web process loads nothing heavy.

Statically: every import statement, also those inside functions and under TYPE_CHECKING, since a type that points back
is a dependency too. Dynamically: a fresh interpreter, since what a library imports can't be read off our sources.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "studies", "coaching", "analysis")
FRAMEWORKS = {"django", "celery", "kombu", "rest_framework", "drf_spectacular", "channels", "django_htmx"}
HEAVY = ("cv2", "mediapipe", "tensorflow", "keras", "av", "onnxruntime", "skimage", "sklearn", "pandas", "statsmodels")

# Packages that work from a notebook, and what of the project each may import.
PURE = {
    "analysis.stats": ("analysis.stats",),
    "coaching.vision": ("coaching.vision",),
    "coaching.simulator": ("coaching.simulator", "coaching.vision.types"),
    "coaching.training": ("coaching.training", "coaching.simulator", "coaching.vision"),
}
# Codes and advice, the faults' names, a look at a container's header, and a student's own reference and progress: plain
# Python, so that the web process needs no decoder.
LIGHT_VISION = frozenset(
    f"coaching.vision.{name}"
    for name in (
        *("errors", "container", "vocabulary"),
        *("settings_table", "history", "detectable", "reference", "progress", "personal", "load_velocity"),
    )
)
MEETS_VISION = ("coaching.pipeline", "coaching.live.engine")
EVALUATION = "coaching.vision.evaluation"

# What the outside calls: pages, API, workers, the command line. Nothing below calls them, but for the doorbell.
DOORS = {"views", "api", "api_urls", "urls", "admin", "consumers", "tasks", "management"}
DOORBELLS = {
    ("coaching.services", "coaching.tasks"),
    ("studies.jobs.services", "studies.tasks"),
    ("analysis.frozen.services", "analysis.tasks"),
}


def modules() -> dict[str, Path]:
    """Every module of the four apps by its dotted name, without migrations."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported_by(source: str, known: frozenset[str]) -> set[str]:
    """The dotted names that a source imports; `from coaching import tasks` is `coaching.tasks` if that is a module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level or node.module is None:
                names.add("." * node.level + (node.module or ""))
                continue
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            submodules = members & known
            names |= submodules if submodules == members else submodules | {node.module}
    return names


@cache
def imports() -> dict[str, set[str]]:
    found = modules()
    known = frozenset(found)
    return {name: imported_by(path.read_text(encoding="utf-8"), known) for name, path in found.items()}


def _within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _wrong(importer: str, *forbidden: str, but: frozenset[str] = frozenset()) -> list[str]:
    """Imports of `forbidden` packages by modules within `importer`, as readable lines."""
    return [
        f"{module} imports {name}"
        for module, names in imports().items()
        if _within(module, importer)
        for name in sorted(names)
        if _within(name, *forbidden) and name not in but
    ]


def test_an_import_is_seen_wherever_it_stands() -> None:
    source = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from coaching.models import Session
def later():
    import analysis.reports
    from coaching import tasks, __version__
"""
    found = imported_by(source, frozenset({"coaching", "coaching.tasks", "coaching.models", "analysis.reports"}))
    assert found == {"typing", "coaching.models", "analysis.reports", "coaching.tasks", "coaching"}


def test_the_whole_project_is_looked_at() -> None:
    found = modules()
    assert {"studies.access", "coaching.pipeline", "analysis.stats.ttest", "config.settings"} <= set(found)
    assert not any(".migrations" in name for name in found)


def test_imports_are_absolute() -> None:
    """A relative import would hide its direction from this test."""
    assert [f"{m}: {n}" for m, names in imports().items() for n in names if n.startswith(".")] == []


def test_studies_knows_nobody() -> None:
    assert _wrong("studies", "coaching", "analysis") == []


def test_coaching_does_not_know_the_analysis() -> None:
    assert _wrong("coaching", "analysis") == []


def test_the_settings_know_no_domain() -> None:
    """config.urls names its apps as text. `manage.py demo` stands above all apps: it plays their users."""
    wrong = _wrong("config", "studies", "coaching", "analysis")
    assert [line for line in wrong if not line.startswith("config.management.commands.demo ")] == []


def test_no_module_imports_the_tests_or_the_benchmarks() -> None:
    assert [line for app in APPS for line in _wrong(app, "tests", "benchmarks")] == []


@pytest.mark.parametrize("package", PURE)
def test_a_package_for_notebooks_imports_no_framework_and_no_app(package: str) -> None:
    assert _wrong(package, *FRAMEWORKS, "config", "studies") == []
    strangers = [
        f"{module} imports {name}"
        for module, names in imports().items()
        if _within(module, package)
        for name in sorted(names)
        if _within(name, *APPS)
        and not _within(name, *PURE[package])
        # The evaluation films simulated lifters; nothing that serves imports the evaluation.
        and not (_within(module, EVALUATION) and _within(name, "coaching.simulator"))
    ]
    assert strangers == []


def test_nothing_that_serves_imports_the_evaluation() -> None:
    # The training prints the bars, and serves nobody.
    mine = (EVALUATION, "coaching.training")
    outside = [line for line in _wrong("coaching", EVALUATION) if not line.startswith(mine)]
    assert outside == []


def test_serving_needs_no_tensorflow() -> None:
    assert _wrong("coaching.vision", "tensorflow", "keras", "coaching.training") == []


def test_the_allocation_by_lot_knows_no_orm() -> None:
    inside = frozenset(name for name in modules() if _within(name, "studies.randomise"))
    assert _wrong("studies.randomise", *FRAMEWORKS, *APPS, but=inside) == []


def test_the_verifier_that_is_given_away_shares_no_code() -> None:
    assert _wrong("studies.verify_allocation", *FRAMEWORKS, *APPS, "numpy") == []


def test_only_the_pipeline_meets_vision() -> None:
    outside = [
        line
        for line in _wrong("coaching", "coaching.vision", "coaching.simulator", "coaching.training", but=LIGHT_VISION)
        if not _within(line.split()[0], *PURE, *MEETS_VISION)
    ]
    assert outside == []
    assert _wrong("studies", "coaching.vision") + _wrong("analysis", "coaching.vision", "coaching.simulator") == []


def test_models_import_models_only() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, names in imports().items()
        if "models" in module.split(".")[1:]
        for name in sorted(names)
        if _within(name, *APPS) and "models" not in name.split(".")[1:]
    ]
    assert wrong == []


def test_nothing_below_calls_a_door() -> None:
    def is_door(name: str) -> bool:
        parts = name.split(".")[1:]
        outside = any(part in DOORS or part.endswith("_api") for part in parts)
        return outside and _within(name, *APPS) and not _within(name, *PURE)

    wrong = [
        f"{module} imports {name}"
        for module, names in imports().items()
        if not is_door(module) and module != "config.urls"
        for name in sorted(names)
        if is_door(name) and (module, name) not in DOORBELLS
    ]
    assert wrong == []


def test_the_doorbell_is_rung_from_inside_a_function() -> None:
    """services -> tasks -> pipeline -> services would be a circle at import time."""
    for services, _tasks in DOORBELLS:
        tree = ast.parse(modules()[services].read_text(encoding="utf-8"))
        at_the_top = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        assert [line for line in at_the_top if "tasks" in line] == []


def _loaded(code: str, banned: tuple[str, ...] | set[str]) -> list[str]:
    """Which of the banned libraries a fresh interpreter has loaded after running `code`."""
    probe = f"{code}\nimport sys\nprint('LOADED', *[name for name in {sorted(banned)!r} if name in sys.modules])"
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.rpartition("LOADED")[2].split()


SET_UP = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; import django; django.setup()"
ALL_ROUTES = "from django.urls import get_resolver; get_resolver().url_patterns; get_resolver().reverse_dict"


def test_the_probe_sees_what_is_loaded() -> None:
    assert _loaded("import json, decimal", ("json", "decimal", "cv2")) == ["decimal", "json"]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(f"{SET_UP}; {ALL_ROUTES}; import config.asgi", id="web"),
        pytest.param(f"{SET_UP}; import coaching.services, coaching.tasks, coaching.pipeline", id="tasks"),
        pytest.param("from config.celery import app; app.loader.import_default_modules()", id="worker-parent"),
    ],
)
def test_the_web_process_and_the_workers_parent_stay_light(code: str) -> None:
    """Models load in the worker's child, on first use; a hostile film reaches no decoder in the web process."""
    if "config.celery" in code:
        code = f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; {code}"
    assert _loaded(code, HEAVY) == []


def _importing_all_of(package: str) -> str:
    names = [name for name in modules() if _within(name, package) and not name.endswith(".__main__")]
    assert len(names) > 3
    return f"import {', '.join(names)}"


def test_the_statistics_load_in_a_notebook_without_a_framework() -> None:
    banned = {*FRAMEWORKS, "pandas", "statsmodels", "cv2", "studies", "coaching", "config"}
    assert _loaded(_importing_all_of("analysis.stats"), banned) == []


@pytest.mark.parametrize("package", ["coaching.vision", "coaching.simulator", "coaching.training"])
@pytest.mark.skipif(importlib.util.find_spec("cv2") is None, reason="the vision extra is not installed")
def test_vision_simulator_and_training_load_in_a_notebook_without_a_framework(package: str) -> None:
    banned = {*FRAMEWORKS, "studies", "config", "analysis", "tensorflow", "keras"}
    assert _loaded(_importing_all_of(package), banned) == []
