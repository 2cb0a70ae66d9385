"""The Grafana of docker-compose.yml and the one of Kubernetes are given all that lies in ops/dashboards."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from tests.ops.overlays import ROOT, of_kind
from tools.dashboards.__main__ import DIRECTORY, PROVIDER
from tools.dashboards.kubernetes import NAME, kustomization

PROVISIONING = PurePosixPath("/otel-lgtm/grafana/conf/provisioning")
FILES = {path.name: path.read_text() for path in DIRECTORY.iterdir() if path.name != NAME}
DASHBOARDS = PurePosixPath(yaml.safe_load(PROVIDER.read_text())["providers"][0]["options"]["path"])

type Mounted = dict[PurePosixPath, str]


def by_compose() -> tuple[dict[str, Any], Mounted]:
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["otel-lgtm"]
    mounted: Mounted = {}
    for volume in service["volumes"]:
        source, target, *_ = volume.split(":")
        if (ROOT / source).is_dir():
            mounted |= {PurePosixPath(target, path.name): path.read_text() for path in (ROOT / source).iterdir()}
        elif (ROOT / source).is_file():
            mounted[PurePosixPath(target)] = (ROOT / source).read_text()
    return {"image": service["image"], **service["environment"]}, mounted


def by_kubernetes(overlay: str) -> tuple[dict[str, Any], Mounted]:
    pod = of_kind(overlay, "Deployment")["otel-collector"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    configured = {
        volume["name"]: of_kind(overlay, "ConfigMap")[volume["configMap"]["name"]]["data"]
        for volume in pod["volumes"]
        if "configMap" in volume
    }
    mounted: Mounted = {}
    for mount in container["volumeMounts"]:
        target, files = PurePosixPath(mount["mountPath"]), configured.get(mount["name"], {})
        if "subPath" in mount:
            mounted[target] = files[mount["subPath"]]
        else:
            mounted |= {target / name: content for name, content in files.items()}
    return {"image": container["image"], **{each["name"]: each.get("value") for each in container["env"]}}, mounted


@pytest.fixture(params=["compose", "local", "staging"])
def grafana(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Mounted]:
    return by_compose() if request.param == "compose" else by_kubernetes(request.param)


def belongs(name: str) -> PurePosixPath:
    """Say where Grafana looks for a file."""
    if name.endswith(".json"):
        return DASHBOARDS / name
    return PROVISIONING / ("dashboards" if name == PROVIDER.name else "alerting") / name


def test_every_file_is_mounted_where_grafana_looks(grafana: tuple[dict[str, Any], Mounted]) -> None:
    _, mounted = grafana

    assert {name: mounted.get(belongs(name)) for name in FILES} == FILES


def test_it_opens_on_the_overview(grafana: tuple[dict[str, Any], Mounted]) -> None:
    environment, mounted = grafana

    home = PurePosixPath(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])

    assert json.loads(mounted[home])["uid"] == "todo-overview"


def test_compose_and_kubernetes_run_the_same_grafana() -> None:
    images = {environment["image"] for environment, _ in (by_compose(), by_kubernetes("staging"))}

    assert len(images) == 1


def test_a_file_that_is_added_is_mounted() -> None:
    files = {"provider.yaml": "providers: [{options: {path: /somewhere}}]", "alerts.yaml": "groups: []", "x.json": "{}"}

    component = yaml.safe_load(kustomization(files))

    [generated] = component["configMapGenerator"]
    [patch] = component["patches"]
    pod = yaml.safe_load(patch["patch"])["spec"]["template"]["spec"]
    assert generated["files"] == ["alerts.yaml", "provider.yaml", "x.json"]
    assert pod["volumes"] == [{"name": "dashboards", "configMap": {"name": "dashboards"}}]
    assert {each["mountPath"]: each.get("subPath") for each in pod["containers"][0]["volumeMounts"]} == {
        "/somewhere": None,
        "/otel-lgtm/grafana/conf/provisioning/dashboards/provider.yaml": "provider.yaml",
        "/otel-lgtm/grafana/conf/provisioning/alerting/alerts.yaml": "alerts.yaml",
    }
