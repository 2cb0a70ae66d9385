"""Build every overlay and combination of ops/k8s, and check what comes out; run in the root of the repository."""

import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import kubernetes_validate
import yaml

from ops.tools.checkov import run_checkov
from ops.tools.custom_kinds import SPECS

VERSIONS: Final = ("1.36", "1.37")
"""The version that ops/terraform asks for, and the one after it."""

_CHOICES: Final = (
    ("azure", "postgresql"),
    ("", "otel-lgtm", "otlp-backend"),
    ("", "autoscaling"),
    ("", "tls"),
)
"""A database, a place for telemetry or none, and what can be had in addition."""


def main() -> None:
    """Build, validate and check; exit with 1 when anything is wrong."""
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        # Combinations are overlays of their own, beside the real ones.
        copy = Path(directory, "ops")
        shutil.copytree("ops/k8s", copy / "k8s")
        shutil.copytree("ops/dashboards", copy / "dashboards")
        overlays = sorted(path.name for path in (copy / "k8s/overlays").iterdir())
        combinations = list(write_combinations(copy / "k8s/overlays"))
        built = Path(directory, "built")
        built.mkdir()
        for name in (*overlays, *combinations):
            text = build(copy / "k8s/overlays" / name)
            if name in overlays:
                (built / f"{name}.yaml").write_text(text, encoding="utf-8")
            complaints += [f"{name}: {complaint}" for complaint in validate(text)]
        complaints += [f"namespace: {each}" for each in validate(build(copy / "k8s/namespace/restricted"))]
        if complaints:
            sys.exit("\n".join(complaints))
        print(f"{len(overlays)} overlays and {len(combinations)} combinations fit Kubernetes {' and '.join(VERSIONS)}.")
        run_checkov("kubernetes", directory=built)


def write_combinations(overlays: Path) -> Iterator[str]:
    """Write an overlay for each choice of components, and name it."""
    for choice in itertools.product(*_CHOICES):
        components = [component for component in choice if component]
        name = "+".join(components)
        (overlays / name).mkdir()
        shutil.copy(overlays / "production/site.yaml", overlays / name)
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": ["../../base", "site.yaml"],
            "components": [f"../../components/{component}" for component in (*components, "host")],
        }
        (overlays / name / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
        yield name


def build(folder: Path) -> str:
    """Build an overlay; exit if that cannot be done."""
    if shutil.which("kustomize"):
        command = ["kustomize", "build"]
    elif shutil.which("kubectl"):
        command = ["kubectl", "kustomize"]
    else:
        sys.exit("Neither kustomize nor kubectl was found: install one of them, or run this check in CI.")
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{folder.name} cannot be built:\n{done.stderr}")
    return done.stdout


def validate(text: str) -> Iterator[str]:
    """Say what is wrong with manifests."""
    for manifest in yaml.safe_load_all(text):
        name = f"{manifest['kind']} {manifest['metadata']['name']}"
        for complaint in complaints_about(manifest):
            yield f"{name}: {complaint}"


def complaints_about(manifest: dict[str, Any]) -> Iterator[str]:
    """Check one manifest: a kind of Kubernetes against its schema, another against its fields."""
    kind = (manifest["apiVersion"], manifest["kind"])
    if kind in SPECS:
        errors = jsonschema.Draft202012Validator(SPECS[kind]).iter_errors(manifest["spec"])
        yield from (f"{error.json_path}: {error.message}" for error in errors)
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"Kubernetes {version}: {error.message} (at {'.'.join(map(str, error.path))})"
        except kubernetes_validate.SchemaNotFoundError:
            yield f"Kubernetes {version} knows no {kind[1]} of {kind[0]}, and ops/tools/custom_kinds.py does not either"


if __name__ == "__main__":
    main()
