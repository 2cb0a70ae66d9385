"""Write ops/dashboards/kustomization.yaml, by which Kubernetes mounts the folder: `make mounted-dashboards`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parent.parent / "dashboards"
KUSTOMIZATION: Final = FOLDER / "kustomization.yaml"

# Where otel-lgtm's Grafana reads what it is to set up.
_PROVISIONING: Final = "/otel-lgtm/grafana/conf/provisioning"
_HEAD: Final = "# Written by `make mounted-dashboards`: kustomize cannot take whatever lies in a folder.\n"


def main() -> None:
    """Write the kustomization anew."""
    KUSTOMIZATION.write_text(kustomization(FOLDER), encoding="utf-8")


def kustomization(folder: Path) -> str:
    """Describe a component that puts every file of a folder into a ConfigMap, and mounts it where Grafana looks."""
    names = {path.name for path in folder.iterdir() if path.suffix in {".json", ".yaml"}} - {KUSTOMIZATION.name}
    mounts = list(_mounts(folder, names))
    component: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "configMapGenerator": [{"name": "dashboards", "namespace": "todo", "files": sorted(names)}],
    }
    if mounts:
        component["patches"] = [{"patch": yaml.safe_dump(_patch(mounts), sort_keys=False)}]
    return f"{_HEAD}{yaml.safe_dump(component, sort_keys=False)}"


def _mounts(folder: Path, names: set[str]) -> Iterator[dict[str, Any]]:
    """Say where each file belongs: one that finds dashboards, with the place where it finds them, or one of alerts."""
    volume = {"name": "dashboards", "readOnly": True}
    for name in sorted(name for name in names if name.endswith(".yaml")):
        content = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        for provider in content.get("providers", []):
            yield {**volume, "mountPath": provider["options"]["path"]}
        kind = "dashboards" if "providers" in content else "alerting"
        yield {**volume, "mountPath": f"{_PROVISIONING}/{kind}/{name}", "subPath": name}


def _patch(mounts: list[dict[str, Any]]) -> dict[str, Any]:
    pod = {
        "containers": [{"name": "otel-lgtm", "volumeMounts": mounts}],
        "volumes": [{"name": "dashboards", "configMap": {"name": "dashboards"}}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "otel-collector", "namespace": "todo"},
        "spec": {"template": {"spec": pod}},
    }


if __name__ == "__main__":
    main()
