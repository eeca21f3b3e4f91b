"""What no template may hold: what the Content-Security-Policy would refuse, and what would call another host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SOURCES = [
    *TEMPLATES,
    *sorted((ROOT / "static").glob("css/*.css")),
    *sorted((ROOT / "static").glob("img/*.svg")),
    *sorted((ROOT / "frontend").rglob("*.ts")),
]
FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
}
ADDRESS = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]", re.IGNORECASE)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_nothing_in_a_template_is_refused_by_the_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def test_no_page_calls_another_host() -> None:
    found = {named(path): ADDRESS.findall(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {path: addresses for path, addresses in found.items() if addresses} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_template_compiles(path: Path) -> None:
    get_template(path.relative_to(ROOT / "templates").as_posix())


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/img/icons.svg").read_text(encoding="utf-8")))
    named_in_templates = {
        icon
        for path in TEMPLATES
        for icon in re.findall(r'icon\.html" with name="([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert named_in_templates <= drawn


def test_the_page_for_a_broken_site_needs_neither_database_nor_user() -> None:
    """Django renders it without a request; then base.html and its navigation could fail a second time."""
    page = engines["django"].get_template("500.html").render()
    assert "Something went wrong on our side" in page
