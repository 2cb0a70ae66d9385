"""How Kubernetes mounts the dashboards and alert rules into otel-lgtm: a component for kustomize."""

from collections.abc import Iterator, Mapping
from textwrap import indent
from typing import Any, Final

import yaml

NAME: Final = "kustomization.yaml"

_PROVISIONING: Final = "/otel-lgtm/grafana/conf/provisioning"
"""Where the Grafana of otel-lgtm reads what it is to set up (github.com/grafana/docker-otel-lgtm)."""

_HEAD: Final = "# Written by `make dashboards`: kustomize cannot take whatever lies in a folder.\n"


def kustomization(files: Mapping[str, str]) -> str:
    """Describe a component that puts files, given by name, into a ConfigMap, and mounts it where Grafana looks."""
    component = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "configMapGenerator": [{"name": "dashboards", "namespace": "todo", "files": sorted(files)}],
    }
    patch = indent(_dump(_patch(list(_mounts(files)))), 6 * " ")
    return f"{_HEAD}{_dump(component)}patches:\n  - patch: |-\n{patch}"


def _mounts(files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Say where each file belongs: one that finds dashboards, with the place where it finds them, or one of alerts."""
    volume = {"name": "dashboards", "readOnly": True}
    for name in sorted(name for name in files if name.endswith(".yaml")):
        content = yaml.safe_load(files[name])
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


def _dump(content: object) -> str:
    return str(yaml.safe_dump(content, sort_keys=False))
