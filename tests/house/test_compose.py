"""docker-compose.yml is valid, starts the commands of config/processes.py, and gives nobody more than they need.

No container engine is needed: the specification's own parser reads the file, and the commands are those that
`python -m config.stack` and the fault table run.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from config import health
from config.processes import BEAT, FILMS, MIGRATE, SERVICES, UPKEEP, WEB, Service

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
OURS = [service.name for service in SERVICES]
# What the image adds to the command: it listens to the proxy, whose word about the client it takes.
BEHIND_PROXY = ("--host", "0.0.0.0", "--port", "8000", "--forwarded-allow-ips", "*")


def compose(**variables: str) -> dict[str, Any]:
    """The file as it is with these variables; those that must be set are `set`."""

    def value(match: re.Match[str]) -> str:
        name, kind, default = match.groups()
        return variables.get(name) or (default if kind == "-" else "set")

    document = yaml.safe_load(VARIABLE.sub(value, (ROOT / "docker-compose.yml").read_text()))
    return {key: part for key, part in document.items() if not key.startswith("x-")}


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def image_command() -> list[str]:
    (command,) = re.findall(r"^CMD (\[.*\])$", stage("app"), re.MULTILINE)
    words: list[str] = json.loads(command)
    return words


def stage(name: str) -> str:
    text = (ROOT / "Dockerfile").read_text()
    (body,) = re.findall(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", text, re.MULTILINE | re.DOTALL)
    return str(body)


def test_the_specifications_parser_takes_it() -> None:
    parsed = PyCompose.from_json(json.dumps(compose()))
    parsed.validate()
    assert set(parsed.service_names()) == set(services())


@pytest.mark.parametrize("wrong", [{"mem_limt": "1g"}, {"stop_grace_period": "soon"}, {"depends_on": {"web": {}}}])
def test_the_specifications_parser_would_find_a_mistake(wrong: dict[str, Any]) -> None:
    document = compose()
    document["services"]["web"] |= wrong
    with pytest.raises(ValueError, match=r"\w"):
        PyCompose.from_json(json.dumps(document))


@pytest.mark.parametrize("service", [FILMS, UPKEEP, BEAT], ids=lambda service: service.name)
def test_celerys_commands_are_those_of_the_script(service: Service) -> None:
    assert services()[service.name]["command"] == [service.module, *service.arguments]


def test_the_other_commands_are_those_of_the_script() -> None:
    assert image_command() == [WEB.module, *WEB.arguments, *BEHIND_PROXY]
    assert "command" not in services()["web"]
    assert services()["migrate"]["command"] == ["python", "-m", MIGRATE.module, *MIGRATE.arguments]


def test_every_queue_has_a_worker_and_no_worker_an_unknown_queue(settings: Any) -> None:
    served = [queue for service in (FILMS, UPKEEP) for queue in _option(service, "--queues").split(",")]
    assert sorted(served) == sorted(settings.CELERY_TASK_QUEUES)


def _option(service: Service, name: str) -> str:
    return service.arguments[service.arguments.index(name) + 1]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_nobody_is_killed_before_the_time_that_the_command_may_take(service: Service) -> None:
    assert services()[service.name]["stop_grace_period"] == f"{service.stop_s}s"


def test_a_worker_hands_back_and_a_page_ends_before_the_kill(settings: Any) -> None:
    assert FILMS.stop_s >= settings.WORKER_GRACE_SECONDS + 20
    assert int(_option(WEB, "--timeout-graceful-shutdown")) < WEB.stop_s


def test_every_part_has_a_health_check_and_ours_ask_config_health() -> None:
    running = {name: service for name, service in services().items() if name != "migrate"}
    assert [name for name, service in running.items() if not service.get("healthcheck")] == []
    for name in OURS:
        question = running[name]["healthcheck"]["test"]
        assert question[:4] == ["CMD", "python", "-m", "config.health"]
        assert callable(getattr(health, question[4]))


def test_the_web_process_is_asked_where_it_listens_and_only_the_proxy_reaches_it() -> None:
    port = image_command()[image_command().index("--port") + 1]
    assert services()["web"]["healthcheck"]["test"][-1] == port
    assert [name for name, service in services().items() if "ports" in service] == ["proxy"]
    caddyfile = (ROOT / "deploy/Caddyfile").read_text()
    assert f"reverse_proxy web:{port}" in caddyfile
    assert {f"http_port {_inside(0)}", f"https_port {_inside(1)}"} <= {line.strip() for line in caddyfile.splitlines()}
    assert services()["proxy"]["healthcheck"]["test"][-1].rstrip("/") in caddyfile


def _inside(number: int) -> str:
    return str(services()["proxy"]["ports"][number]).rpartition(":")[2]


@pytest.mark.parametrize("name", sorted(services()))
def test_every_container_is_closed(name: str) -> None:
    """No root, nothing to write on but what is meant for it, no capability, and limits."""
    service = services()[name]
    assert service["read_only"] is True
    assert "/tmp" in service["tmpfs"]
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert "cap_add" not in service
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
    built = service.get("build")
    user = re.findall(r"^USER (\S+)$", stage(built["target"]), re.MULTILINE) if built else [service.get("user", "root")]
    assert user[-1] not in {"root", "0", ""}


def test_ours_wait_for_the_migrations_and_those_for_the_database() -> None:
    for name in OURS:
        assert services()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services()["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert services()["migrate"]["restart"] == "no"


def test_the_stores_have_no_way_out() -> None:
    assert compose()["networks"]["data"] == {"internal": True}
    assert {name for name, service in services().items() if service["networks"] == ["data"]} == {
        "postgres",
        "redis",
        "bucket",
    }


def test_the_bucket_is_there_only_when_asked_for_and_lets_in_whoever_has_the_keys() -> None:
    assert [name for name, service in services().items() if service.get("profiles")] == ["bucket"]
    content = compose(S3_ACCESS_KEY="a", S3_SECRET_KEY="b")["configs"]["bucket"]["content"]
    (identity,) = json.loads(content)["identities"]
    assert identity["credentials"] == [{"accessKey": "a", "secretKey": "b"}]
    assert services()["bucket"]["configs"][0]["target"] in str(services()["bucket"]["command"])
