import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
ISSUE_TEMPLATES = ROOT / ".github/ISSUE_TEMPLATE"
ISSUE_FORMS = sorted(form for form in ISSUE_TEMPLATES.glob("*.yml") if form.stem != "config")


def read_yaml(path: str | Path) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def test_the_hooks_are_the_commands_of_make_check() -> None:
    planned = subprocess.check_output(
        ["make", "--no-print-directory", "--dry-run", "check"], cwd=ROOT, text=True
    ).splitlines()

    hooks = [
        hook["entry"] for repository in read_yaml(".pre-commit-config.yaml")["repos"] for hook in repository["hooks"]
    ]

    assert hooks == [line for line in planned if not line.startswith("#")]


def test_no_hook_comes_from_elsewhere_or_looks_at_some_files_only() -> None:
    (repository,) = read_yaml(".pre-commit-config.yaml")["repos"]

    assert repository["repo"] == "local"
    assert {(hook["language"], hook["pass_filenames"]) for hook in repository["hooks"]} == {("system", False)}


@pytest.mark.parametrize(
    "page", ["CONTRIBUTING.md", ".github/pull_request_template.md", ".devcontainer/devcontainer.json"]
)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:^|[`\"])make ([a-z0-9-]+)", (ROOT / page).read_text(), re.MULTILINE))

    assert named
    assert named <= targets


def test_every_test_that_is_called_slow_exists() -> None:
    named = re.findall(r"^\| `(tests/\S+\.py)::(\w+)`", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)

    assert len(named) == 10
    assert [name for path, name in named if f"def {name}(" not in (ROOT / path).read_text()] == []


def test_every_path_that_has_owners_exists() -> None:
    lines = (ROOT / ".github/CODEOWNERS").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]

    assert [path for path, *_ in rules if path != "*" and not (ROOT / path.removeprefix("/")).exists()] == []
    assert all(re.fullmatch(r"@[\w-]+/[\w-]+", owner) for _, *owners in rules for owner in owners)


def test_an_issue_begins_with_a_form() -> None:
    assert read_yaml(ISSUE_TEMPLATES / "config.yml") == {"blank_issues_enabled": False}


@pytest.mark.parametrize("form", ISSUE_FORMS, ids=lambda form: form.stem)
def test_an_issue_form_asks_and_names_each_answer(form: Path) -> None:
    content = read_yaml(form)

    questions = [field for field in content["body"] if field["type"] != "markdown"]
    assert {"name", "description", "body"} <= set(content)
    assert len({field["id"] for field in questions}) == len(questions)
    assert all(field["attributes"]["label"] for field in questions)


def test_the_versions_of_python_that_are_named_are_those_that_are_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tried = read_yaml(".github/workflows/ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]

    named = re.findall(r"Programming Language :: Python :: (3\.\d+)", "\n".join(project["classifiers"]))

    assert named == tried
    assert project["requires-python"].startswith(f">={named[0]},")


def test_main_is_guarded_by_one_name_that_waits_for_every_other_job() -> None:
    jobs = read_yaml(".github/workflows/ci.yml")["jobs"]

    assert jobs["green"]["if"] == "always()"
    assert {*jobs["green"]["needs"], "green"} == set(jobs)


@pytest.mark.parametrize(
    ("results", "code"),
    [("success success", 0), ("success failure", 1), ("success cancelled", 1), ("skipped success", 1), ("", 1)],
)
def test_only_success_is_green(results: str, code: int) -> None:
    (step,) = read_yaml(".github/workflows/ci.yml")["jobs"]["green"]["steps"]

    done = subprocess.run(["bash", "-e", "-c", step["run"]], env={"RESULTS": results}, check=False)

    assert done.returncode == code


def test_a_development_container_runs_the_oldest_python_that_is_supported() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    oldest = re.findall(r'^requires-python = ">=([0-9.]+)', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

    assert container["image"] == f"python:{oldest[0]}"
