"""A backup made and restored by the real commands, on SQLite and, where a server answers, from there to PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("TEST_POSTGRES_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
FILM = b"\x1aE\xdf\xa3" + bytes(range(256)) * 5000

pytestmark = [pytest.mark.xdist_group("backup"), pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Site:
    """A LiftLab of its own: a var/ and a database."""

    var: Path
    database: str = ""

    def manage(self, *arguments: str, ok: bool = True) -> str:
        """Run a command. Returns what it printed, complaints included."""
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        environment |= {"LIFTLAB_VAR": str(self.var), "DATABASE_URL": self.database, "REDIS_URL": ""}
        environment |= {"SECRET_KEY": "tests only", "HTTPS": "0"}
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            check=False,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert (done.returncode == 0) is ok, done.stdout + done.stderr
        return done.stdout + done.stderr


@dataclass(frozen=True, slots=True)
class Made:
    site: Site
    file: Path
    identity: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A site with the demonstration study and a film, backed up."""
    folder = tmp_path_factory.mktemp("backup")
    site = Site(folder / "var")
    site.manage("migrate", "--verbosity", "0")
    site.manage("load_demo_study")
    media = site.var / "media" / "films" / "ab"
    media.mkdir(parents=True)
    (media / "film.webm").write_bytes(FILM)
    identity = folder / "key.txt"
    printed = site.manage("backup", "--new-key", str(identity))
    recipient = printed.split("BACKUP_RECIPIENT=")[1].split()[0]
    said = site.manage("backup", "--recipient", recipient)
    assert ", 1 files," in said
    return Made(site, next((site.var / "backups").glob("*.age")), identity)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without rows."""
    site = Site(tmp_path_factory.mktemp("empty") / "var")
    site.manage("migrate", "--verbosity", "0")
    with contextlib.closing(sqlite3.connect(site.var / "db.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return site.var / "db.sqlite3"


@pytest.fixture
def new_site(migrated: Path, tmp_path: Path) -> Site:
    site = Site(tmp_path / "var")
    site.var.mkdir()
    shutil.copy(migrated, site.var / "db.sqlite3")
    return site


def content(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but those of a session and of Django's own counting."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [name for name in names if name not in {"sqlite_sequence", "django_migrations", "django_session"}]
        found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in own}
    return {name: sorted((tuple(map(plain, row)) for row in rows), key=repr) for name, rows in found.items()}


def plain(value: object) -> object:
    """A document of JSON with its keys in order; anything else as it is."""
    if isinstance(value, str) and value.startswith("{"):
        with contextlib.suppress(ValueError):
            return json.dumps(json.loads(value), sort_keys=True)
    return value


def test_every_row_and_file_is_back_and_the_audit_still_proves_itself(made: Made, new_site: Site) -> None:
    said = new_site.manage("restore", str(made.file), "--identity", str(made.identity))
    assert "1 files restored and compared" in said
    before, after = content(made.site.var / "db.sqlite3"), content(new_site.var / "db.sqlite3")
    assert len(before["studies_participant"]) == 50
    assert after == before
    assert (new_site.var / "media/films/ab/film.webm").read_bytes() == FILM


def test_a_new_row_after_the_restore_gets_a_new_number(made: Made, new_site: Site) -> None:
    new_site.manage("restore", str(made.file), "--identity", str(made.identity))
    code = (
        "from studies.models import User; old = User.objects.latest('pk').pk; "
        "print('number', User.objects.create_user('afterwards').pk - old)"
    )
    assert "number 1" in new_site.manage("shell", "--command", code)


def test_nothing_in_the_file_can_be_read_without_the_key(made: Made) -> None:
    raw = made.file.read_bytes()
    assert FILM[:64] not in raw
    assert b"demo" not in raw.lower()
    assert made.file.stat().st_mode & 0o077 == 0


def test_a_site_in_use_is_not_written_over(made: Made) -> None:
    before = content(made.site.var / "db.sqlite3")
    said = made.site.manage("restore", str(made.file), "--identity", str(made.identity), ok=False)
    assert "not_empty" in said
    assert content(made.site.var / "db.sqlite3") == before


def spoil(source: Path, target: Path, *, at: float = 0.0, keep: float = 1.0) -> Path:
    """A copy with one byte changed, or cut off."""
    raw = bytearray(source.read_bytes())
    raw[int(at * len(raw)) if at else -1] ^= 1
    target.write_bytes(raw[: int(keep * len(raw))])
    return target


@pytest.mark.parametrize(("at", "keep"), [(0.5, 1.0), (0.0, 1.0), (0.0, 0.6)], ids=["a byte", "the last byte", "cut"])
def test_of_a_damaged_backup_nothing_stays(made: Made, new_site: Site, at: float, keep: float) -> None:
    damaged = spoil(made.file, new_site.var / "damaged.age", at=at, keep=keep)
    said = new_site.manage("restore", str(damaged), "--identity", str(made.identity), ok=False)
    assert "damaged" in said
    assert content(new_site.var / "db.sqlite3")["studies_study"] == []
    assert not [path for path in (new_site.var / "media").rglob("*") if path.is_file()]


def test_another_key_opens_nothing(made: Made, new_site: Site) -> None:
    other = new_site.var / "other.txt"
    new_site.manage("backup", "--new-key", str(other))
    assert "wrong_key" in new_site.manage("restore", str(made.file), "--identity", str(other), ok=False)


def test_a_key_is_not_written_over(made: Made) -> None:
    before = made.identity.read_text()
    assert "exists already" in made.site.manage("backup", "--new-key", str(made.identity), ok=False)
    assert made.identity.read_text() == before


def test_a_backup_without_a_key_to_make_it_for_is_refused(made: Made) -> None:
    assert "no_recipient" in made.site.manage("backup", ok=False)
    assert list((made.site.var / "backups").iterdir()) == [made.file]


@pytest.fixture
def on_postgresql(tmp_path: Path) -> Iterator[Site]:
    name = f"liftlab_restore_{secrets.token_hex(4)}"
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL answers at TEST_POSTGRES_URL")
    with connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        site = Site(tmp_path / "pg", f"{SERVER.rsplit('/', 1)[0]}/{name}")
        try:
            site.manage("migrate", "--verbosity", "0")
            yield site
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_an_embedded_site_moves_to_postgresql_and_back(made: Made, on_postgresql: Site, new_site: Site) -> None:
    said = on_postgresql.manage("restore", str(made.file), "--identity", str(made.identity))
    assert "files restored" in said
    recipient = made.identity.read_text().split("public key: ")[1].split()[0]
    on_postgresql.manage("backup", "--recipient", recipient)
    back = next((on_postgresql.var / "backups").glob("*.age"))
    new_site.manage("restore", str(back), "--identity", str(made.identity))
    assert content(new_site.var / "db.sqlite3") == content(made.site.var / "db.sqlite3")
