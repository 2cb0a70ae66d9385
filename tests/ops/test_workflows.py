import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").iterdir())

on_each = pytest.mark.parametrize("file", WORKFLOWS, ids=lambda path: path.stem)


def read(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text()))


@on_each
def test_foreign_code_is_pinned_by_commit_with_its_version_beside_it(file: Path) -> None:
    uses = re.findall(r"^ *(?:- )?uses: (.*)$", file.read_text(), re.MULTILINE)

    foreign = [each for each in uses if not each.startswith("$/")]

    assert [each for each in foreign if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[0-9.]+", each)] == []


def test_one_action_has_one_version() -> None:
    uses = {
        each for file in WORKFLOWS for each in re.findall(r"uses: ([\w-]+/[\w-]+)\S*@(\w+) # (\S+)", file.read_text())
    }

    assert len(uses) == len({action for action, *_ in uses})


@on_each
def test_nothing_is_allowed_but_what_a_job_asks_for(file: Path) -> None:
    workflow = read(file)

    assert workflow["permissions"] == {}
    assert all("permissions" in job for job in workflow["jobs"].values())


@on_each
def test_a_job_ends_some_day(file: Path) -> None:
    assert all("timeout-minutes" in job or "uses" in job for job in read(file)["jobs"].values())


@on_each
def test_runs_do_not_get_into_each_others_way(file: Path) -> None:
    assert "group" in read(file)["concurrency"]


@on_each
def test_there_is_no_secret_that_lives_long(file: Path) -> None:
    assert re.findall(r"secrets\.\w+|secrets: inherit", file.read_text()) == []


@pytest.mark.parametrize("name", ["image", "deploy", "terraform"])
def test_what_reaches_azure_does_so_behind_an_environment_or_only_reads(name: str) -> None:
    jobs = read(ROOT / f".github/workflows/{name}.yml")["jobs"]

    open_ones = [
        job
        for job, body in jobs.items()
        if body["permissions"].get("id-token") == "write" and "environment" not in body and "uses" not in body
    ]

    # The identity of pull requests: Reader and Storage Blob Data Reader (ops/terraform/bootstrap).
    assert open_ones == (["plan"] if name == "terraform" else [])


@on_each
def test_what_it_makes_can_be_made(file: Path) -> None:
    called = set(re.findall(r"\bmake ([a-z0-9-]+)", "\n".join(commands(file))))
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert called <= targets


def commands(file: Path) -> list[str]:
    return [step["run"] for job in read(file)["jobs"].values() for step in job.get("steps", []) if "run" in step]


def test_every_overlay_and_environment_that_a_workflow_names_is_there() -> None:
    deploy = read(ROOT / ".github/workflows/deploy.yml")
    # YAML 1.1 reads the key `on` as true.
    choices = deploy[True]["workflow_dispatch"]["inputs"]["environment"]["options"]  # type: ignore[index]
    matrices = [
        job["strategy"]["matrix"]["environment"]
        for job in read(ROOT / ".github/workflows/terraform.yml")["jobs"].values()
    ]

    assert all((ROOT / f"ops/k8s/overlays/{each}").is_dir() for each in choices)
    assert matrices == [choices, choices]
    assert all((ROOT / f"ops/terraform/env/{each}.tfvars").is_file() for each in choices)
