import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

SCRIPT = Path(__file__).parent.parent.parent / "ops/k8s/deploy.sh"
IMAGE = f"todo.example.com/todo-app@sha256:{'0a' * 32}"

# The cluster and the way to it: each call is noted in a line, and answered as the test says.
KUBECTL = """#!/bin/sh
case "$*" in
    kustomize*) printf 'kind: Job\\nimage: todo-app\\n---\\nimage: todo-app-else\\n'; exit ;;
esac
echo "kubectl $*" >>"$CALLS"
for argument; do
    [ "$before" = --filename ] && cp "$argument" "$CALLS.applied"
    before=$argument
done
case "$*" in
    *"get job"*) echo "$JOB" ;;
    *"get deployment"*) echo "$BEFORE" ;;
    *"rollout undo"*) touch "$CALLS.undone" ;;
    *"rollout status"*) [ -e "$CALLS.undone" ] || exit "$ROLLOUT" ;;
esac
"""
CURL = """#!/bin/sh
echo "curl $*" >>"$CALLS"
echo "$ANSWER"
"""
READY = '{"status": "ready", "data": {"__typename": "Query"}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    exit_code: int
    errors: str
    calls: str
    applied: str

    def did(self, words: str) -> bool:
        return words in self.calls


def deploy(
    directory: Path,
    *arguments: str,
    job: str = "SuccessCriteriaMet Complete",
    rollout: int = 0,
    before: str = "deployment.apps/todo-service",
    answer: str = READY,
) -> Deployment:
    for name, text in (("kubectl", KUBECTL), ("curl", CURL)):
        (directory / name).write_text(text)
        (directory / name).chmod(0o755)
    calls = directory / "calls"
    calls.touch()
    done = subprocess.run(
        [SCRIPT, *arguments],
        env={
            "PATH": f"{directory}:{os.environ['PATH']}",
            "CALLS": str(calls),
            "JOB": job,
            "ROLLOUT": str(rollout),
            "BEFORE": before,
            "ANSWER": answer,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    applied = directory / "calls.applied"
    return Deployment(
        exit_code=done.returncode,
        errors=done.stderr,
        calls=calls.read_text(),
        applied=applied.read_text() if applied.exists() else "",
    )


def test_the_migration_ends_before_the_pods_change(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, "staging", IMAGE)

    order = ["delete job todo-migration", "notin (service, purge)", "get job", "component=service", "rollout status"]
    places = [deployment.calls.index(words) for words in order]
    assert deployment.exit_code == 0
    assert places == sorted(places)


def test_the_image_is_put_in_by_its_digest(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, "staging", IMAGE)

    assert deployment.applied == f"kind: Job\nimage: {IMAGE}\n---\nimage: todo-app-else\n"


def test_a_migration_that_fails_leaves_the_pods_as_they_are(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, "staging", IMAGE, job="FailureTarget Failed")

    assert deployment.exit_code == 1
    assert deployment.did("logs job/todo-migration")
    assert not deployment.did("component=service")


def test_pods_that_do_not_become_ready_go_back(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, "staging", IMAGE, rollout=1)

    assert deployment.exit_code == 1
    assert deployment.did("rollout undo deployment todo-service")
    assert "image before again" in deployment.errors


def test_pods_that_do_not_answer_go_back(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, "staging", IMAGE, "https://todo.example.com", answer="<html>Welcome</html>")

    assert deployment.exit_code == 1
    assert deployment.did("curl ")
    assert deployment.did("rollout undo deployment todo-service")


def test_a_service_that_answers_stays(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, "staging", IMAGE, "https://todo.example.com")

    assert deployment.exit_code == 0
    assert deployment.did("https://todo.example.com/readyz")
    assert deployment.did("https://todo.example.com/graphql")
    assert not deployment.did("rollout undo")


def test_what_runs_at_night_changes_only_once_the_service_answers(tmp_path: Path) -> None:
    (good := tmp_path / "good").mkdir()
    (bad := tmp_path / "bad").mkdir()

    works = deploy(good, "staging", IMAGE, "https://todo.example.com")
    does_not = deploy(bad, "staging", IMAGE, "https://todo.example.com", answer="<html>Welcome</html>")

    assert works.calls.index("/graphql") < works.calls.index("component=purge")
    assert not does_not.did("component=purge")


def test_the_first_deployment_has_nothing_to_go_back_to(tmp_path: Path) -> None:
    deployment = deploy(tmp_path, "staging", IMAGE, rollout=1, before="")

    assert deployment.exit_code == 1
    assert not deployment.did("rollout undo")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="none"),
        pytest.param(["staging"], id="no image"),
        pytest.param(["elsewhere", IMAGE], id="unknown overlay"),
        pytest.param(["staging", "todo.example.com/todo-app:latest"], id="a tag"),
        pytest.param(["staging", "todo.example.com/todo-app@sha256:0a"], id="a short digest"),
        pytest.param(["staging", f"x|e@sha256:{'0a' * 32}"], id="a name that sed would read"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_happens(tmp_path: Path, arguments: list[str]) -> None:
    deployment = deploy(tmp_path, *arguments)

    assert deployment.exit_code == 2
    assert deployment.calls == ""
