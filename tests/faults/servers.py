"""PostgreSQL, Redis and an object store of the test's own, that it may stop, kill and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import psycopg
import redis

if TYPE_CHECKING:
    from collections.abc import Callable

START_S = 60.0


class Missing(Exception):
    """This machine has not the program that a row needs; the row is skipped with these words."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(so: Callable[[], bool], what: str, *, patience_s: float = START_S) -> None:
    deadline = time.monotonic() + patience_s
    while not so():
        if time.monotonic() > deadline:
            raise AssertionError(f"not after {patience_s:.0f} s: {what}")
        time.sleep(0.05)


def _postgres_program(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise Missing(f"no {name} of PostgreSQL on this machine")
    return found


class Redis:
    """A Redis server that keeps nothing on the disk: what is gone when it stops is gone."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise Missing("no redis-server on this machine")
        self.port = free_port()
        self._command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, "Redis answers")

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client, suppress(redis.ConnectionError):
            return bool(client.ping())
        return False

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


class Postgres:
    """A PostgreSQL cluster made for the test. It does not run as root, so root lends it another user."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._env = os.environ | env
        self.port = free_port()
        self.url = f"postgres://liftlab@127.0.0.1:{self.port}/postgres"
        self._data = folder / "cluster"
        self._server = _postgres_program("postgres")
        self._user = _server_user()
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "postgres.log"
        self._data.mkdir()
        if self._user is not None:
            folder.chmod(0o711)  # the user must be able to come here
            shutil.chown(self._data, self._user)
        make = [_postgres_program("initdb"), "-D", str(self._data), "-U", "liftlab", "--auth", "trust", "--no-sync"]
        done = subprocess.run(
            [*make, "-E", "UTF8", "--no-locale"], user=self._user, capture_output=True, text=True, check=False, cwd="/"
        )
        if done.returncode:
            raise AssertionError(f"initdb: {done.stderr}")

    def start(self) -> None:
        # Nothing here must outlive the machine, only the process.
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "fsync": "off", "unix_socket_directories": ""}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._server, "-D", str(self._data), *settings],
                user=self._user,
                env=self._env,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        wait_until(self._answers, "PostgreSQL answers")

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, connect_timeout=2)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), self.connect():
            return True
        return False

    def stop(self) -> None:
        """At once, without saying good-bye to anybody: what a crash is to those who were connected."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None


def _server_user() -> str | None:
    """PostgreSQL refuses root. None: we are not root, and may run it ourselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise Missing("PostgreSQL does not run as root, and there is no user postgres or nobody")


class Gate(socketserver.ThreadingTCPServer):
    """Stands before a server and passes everything on. Closed, it refuses; what stands behind it loses nothing."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, behind: int, port: int) -> None:
        self._behind = behind
        super().__init__(("127.0.0.1", port), self._handler())
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        behind = self._behind

        class Pass(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", behind)) as server:
                    back = threading.Thread(target=_pump, args=(server, self.request), daemon=True)
                    back.start()
                    _pump(self.request, server)
                    back.join()

        return Pass

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Bucket:
    """An S3-compatible object store (moto) behind a gate; what it holds survives the gate's closing."""

    def __init__(self, folder: Path) -> None:
        self._behind, self._port = free_port(), free_port()
        self._log = folder / "bucket.log"
        self._server: subprocess.Popen[bytes] | None = None
        self._gate: Gate | None = None
        keys = {"S3_ACCESS_KEY": "key", "S3_SECRET_KEY": "secret", "S3_REGION": "us-east-1", "S3_BUCKET": "films"}
        self.env = {**keys, "S3_ENDPOINT_URL": f"http://127.0.0.1:{self._port}"}

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._behind)]
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(lambda: _listens(self._behind), "the object store listens")
        self.open()
        keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
        client = boto3.client("s3", endpoint_url=self.env["S3_ENDPOINT_URL"], region_name="us-east-1", **keys)
        client.create_bucket(Bucket=self.env["S3_BUCKET"])

    def open(self) -> None:
        self._gate = self._gate or Gate(self._behind, self._port)

    def close(self) -> None:
        """Whoever asks from now on is refused."""
        if self._gate:
            self._gate.close()
            self._gate = None

    def stop(self) -> None:
        self.close()
        if self._server:
            self._server.kill()
            self._server.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
