"""The overlays of ops/k8s, built, for tests to look into."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
K8S = ROOT / "ops/k8s"
OVERLAYS = sorted(path.name for path in (K8S / "overlays").iterdir())
ON_AZURE = [name for name in OVERLAYS if name != "local"]

Manifest = dict[str, Any]

on_each = pytest.mark.parametrize("name", OVERLAYS)
on_azure = pytest.mark.parametrize("name", ON_AZURE)


def build(folder: Path) -> tuple[Manifest, ...]:
    """Build a kustomization; a machine need not have kubectl, but CI has."""
    if shutil.which("kubectl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Not to be skipped in CI: kubectl builds the overlays, and was not found.", pytrace=False)
        pytest.skip("kubectl, which builds the overlays, was not found.")
    return tuple(yaml.safe_load_all(subprocess.check_output(["kubectl", "kustomize", folder], text=True)))


@cache
def overlay(name: str) -> tuple[Manifest, ...]:
    return build(K8S / "overlays" / name)


def of_kind(name: str, kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in overlay(name) if each["kind"] == kind}


def pods(name: str) -> Iterator[Manifest]:
    """The pods of every workload, with their labels and containers."""
    for each in overlay(name):
        if each["kind"] in {"Deployment", "Job"}:
            yield each["spec"]["template"]
        if each["kind"] == "CronJob":
            yield each["spec"]["jobTemplate"]["spec"]["template"]


def container(name: str) -> Manifest:
    [only] = of_kind(name, "Deployment")["todo-service"]["spec"]["template"]["spec"]["containers"]
    assert isinstance(only, dict)
    return only


def selected(name: str, selector: Manifest) -> list[Manifest]:
    wanted = selector.get("matchLabels", selector)
    return [pod for pod in pods(name) if wanted.items() <= pod["metadata"]["labels"].items()]


def environment(name: str) -> dict[str, Manifest]:
    return {each["name"]: each for each in container(name)["env"]}


def site(name: str) -> dict[str, str]:
    data = yaml.safe_load((K8S / f"overlays/{name}/site.yaml").read_text())["data"]
    return dict(data)
