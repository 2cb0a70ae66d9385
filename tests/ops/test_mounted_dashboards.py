from pathlib import Path

import yaml

from ops.tools.mount_dashboards import FOLDER, KUSTOMIZATION, kustomization
from tests.ops.overlays import of_kind


def test_what_lies_in_the_dashboards_folder_is_mounted() -> None:
    names = {path.name for path in FOLDER.iterdir()} - {KUSTOMIZATION.name}
    [config] = of_kind("staging", "ConfigMap").values()

    assert KUSTOMIZATION.read_text() == kustomization(FOLDER), "make mounted-dashboards"
    assert set(config.get("data", {})) == names


def test_dashboards_and_alerts_are_mounted_where_grafana_looks(tmp_path: Path) -> None:
    for name in ("errors.json", "usage.json", "README.md"):
        (tmp_path / name).touch()
    (tmp_path / "provider.yaml").write_text("providers: [{options: {path: /somewhere}}]")
    (tmp_path / "alerts.yaml").write_text("groups: []")

    component = yaml.safe_load(kustomization(tmp_path))

    [generated] = component["configMapGenerator"]
    [patch] = component["patches"]
    pod = yaml.safe_load(patch["patch"])["spec"]["template"]["spec"]
    assert generated["files"] == ["alerts.yaml", "errors.json", "provider.yaml", "usage.json"]
    assert pod["volumes"] == [{"name": "dashboards", "configMap": {"name": "dashboards"}}]
    assert {each["mountPath"]: each.get("subPath") for each in pod["containers"][0]["volumeMounts"]} == {
        "/somewhere": None,
        "/otel-lgtm/grafana/conf/provisioning/dashboards/provider.yaml": "provider.yaml",
        "/otel-lgtm/grafana/conf/provisioning/alerting/alerts.yaml": "alerts.yaml",
    }
