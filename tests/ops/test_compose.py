"""What docker-compose.yml says, as far as it can be seen without Docker."""

from typing import Any

import pytest
import yaml

from tests.tools.npm import ROOT
from todo_gql.settings import unknown_variables

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.mark.parametrize("service", SERVICES)
def test_no_port_is_open_to_other_machines(service: str) -> None:
    ports = SERVICES[service].get("ports", [])

    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize("service", SERVICES)
def test_what_it_mounts_from_here_exists(service: str) -> None:
    sources = [volume.split(":")[0] for volume in SERVICES[service].get("volumes", [])]

    assert [source for source in sources if source.startswith("./") and not (ROOT / source).exists()] == []


@pytest.mark.parametrize("service", [name for name, each in SERVICES.items() if each["image"] == "todo-app"])
def test_our_own_image_is_never_asked_for_at_a_registry(service: str) -> None:
    assert SERVICES[service]["pull_policy"] == "never"


@pytest.mark.parametrize("service", ["app", "migrate", "replica", "pooled"])
def test_what_it_tells_the_service_are_settings(service: str) -> None:
    assert list(unknown_variables(SERVICES[service]["environment"])) == []


def test_the_proxy_knows_every_replica() -> None:
    proxy = yaml.safe_load((ROOT / "ops/traefik.yaml").read_text())
    # What the image does by itself is to serve.
    serving = [
        name
        for name, each in SERVICES.items()
        if each["image"] == "todo-app" and "command" not in each and "pgbouncer" not in each.get("profiles", ())
    ]

    servers = proxy["http"]["services"]["todo"]["loadBalancer"]["servers"]

    assert [server["url"] for server in servers] == [f"http://{name}:8082" for name in serving]
