"""Each variable that the settings read is documented, and nothing is documented that nobody reads."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = {"POSTGRES_PASSWORD", "HTTP_PORT", "HTTPS_PORT", "PORT"}
"""Read by docker-compose.yml, PORT by make demo."""
READS = re.compile(r"""(?:env_\w+\(\s*os\.environ,\s*|os\.environ\.get\(|env\.get\()["']([A-Z0-9_]+)["']""")


def variables_read() -> set[str]:
    found: set[str] = set()
    for name in ("settings.py", "env.py"):
        found |= set(READS.findall((ROOT / "config" / name).read_text()))
    return found


def variables_in_example() -> set[str]:
    return set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def variables_in_docs() -> set[str]:
    rows = [line for line in (ROOT / "docs/configuration.md").read_text().splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row.split("|")[1])}


def compose() -> dict[str, dict[str, dict[str, object]]]:
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert isinstance(document, dict)
    return document


def test_settings_read_at_least_the_variables_that_a_server_needs() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "UPLOAD_MAX_MB"} <= variables_read()


def test_every_variable_is_in_the_example_and_no_other() -> None:
    assert variables_in_example() == variables_read() | OUTSIDE


def test_every_variable_is_documented_and_no_other() -> None:
    assert variables_in_docs() == variables_read() | OUTSIDE


def test_compose_passes_only_variables_that_the_settings_read() -> None:
    web = compose()["services"]["web"]["environment"]
    assert isinstance(web, dict)
    assert set(web) <= variables_read()


def test_the_default_limits_in_the_docs_are_the_settings_defaults() -> None:
    docs = (ROOT / "docs/configuration.md").read_text()
    settings = (ROOT / "config/settings.py").read_text()
    for name, default in re.findall(r'env_int\(os\.environ, "(\w+)", default=(\d+)', settings):
        assert f"| `{name}` | `{default}` |" in docs, name


def test_every_relative_link_in_the_docs_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("models/*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_make_target_named_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
