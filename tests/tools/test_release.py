import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.tools.git import environment
from tests.tools.npm import ROOT

pytestmark = pytest.mark.process

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- Something that callers notice.

## [1.1.0] - 2026-01-31

- What was there before.
"""


class Clone:
    """A clone of this repository, whose `make check` is green as long as there is no file called `broken`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        subprocess.run(["git", "clone", "--quiet", "--no-tags", ROOT, directory], env=environment(), check=True)
        self.git("switch", "--quiet", "--force-create", "main")
        self.write("CHANGELOG.md", CHANGELOG)
        self.write("Makefile", "check:\n\t@test ! -e broken\n")
        self.commit()
        self.git("tag", "v1.1.0")

    def write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text)

    def commit(self) -> None:
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "x")

    def release(self, version: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, ROOT / "tools/release.py", version],
            cwd=self.directory,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.directory, env=environment(), capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def test_a_release_is_one_commit_with_a_tag(clone: Clone) -> None:
    before = clone.git("rev-parse", "HEAD")

    code, said = clone.release("1.2.0")

    assert (code, said) == (
        0,
        "v1.2.0 is committed and tagged. `git push --atomic origin main v1.2.0` publishes it.\n",
    )
    assert clone.git("rev-parse", "v1.2.0^{commit}") == clone.git("rev-parse", "HEAD")
    assert clone.git("rev-parse", "HEAD^") == before
    assert clone.git("log", "-1", "--format=%s") == "release: 1.2.0"
    assert clone.git("diff", "--name-only", "HEAD^").split() == ["CHANGELOG.md", "pyproject.toml"]
    assert clone.git("status", "--porcelain") == ""


def test_what_was_unreleased_stands_under_the_version_and_the_day(clone: Clone) -> None:
    clone.release("1.2.0")

    text = (clone.directory / "CHANGELOG.md").read_text()
    assert text == CHANGELOG.replace("## [Unreleased]\n", f"## [Unreleased]\n\n## [1.2.0] - {datetime.now(UTC):%F}\n")


def test_the_project_has_the_version_and_is_otherwise_as_it_was(clone: Clone) -> None:
    before = tomllib.loads((clone.directory / "pyproject.toml").read_text())

    clone.release("1.2.0")

    after = tomllib.loads((clone.directory / "pyproject.toml").read_text())
    assert after == {**before, "project": {**before["project"], "version": "1.2.0"}}


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.0", "1.2.0rc1", "01.2.0"])
def test_a_version_has_three_numbers(clone: Clone, version: str) -> None:
    assert clone.release(version) == (1, "No release: name the version, as in `make release VERSION=1.2.0`.\n")


@pytest.mark.parametrize("version", ["1.1.0", "1.0.9"])
def test_a_version_is_newer_than_those_before(clone: Clone, version: str) -> None:
    assert clone.release(version) == (1, f"No release: 1.1.0 has been released: {version} is not newer.\n")


def test_another_branch_is_refused(clone: Clone) -> None:
    clone.git("switch", "--quiet", "--create", "topic")

    refused = (1, "No release: this is the branch topic: releases are made on main.\n")
    assert clone.release("1.2.0") == refused


def test_a_tree_that_is_not_clean_is_refused(clone: Clone) -> None:
    clone.write("forgotten", "")

    assert clone.release("1.2.0") == (1, "No release: the tree is not clean:\n?? forgotten\n")


def test_nothing_to_tell_is_refused(clone: Clone) -> None:
    clone.release("1.2.0")

    assert clone.release("1.3.0") == (1, "No release: CHANGELOG.md has nothing under [Unreleased].\n")


def test_what_checks_refuse_is_not_released(clone: Clone) -> None:
    clone.write("broken", "")
    clone.commit()
    before = clone.git("rev-parse", "HEAD")

    code, said = clone.release("1.2.0")

    assert code == 1
    assert said.endswith("No release: `make check` fails.\n")
    assert (clone.git("rev-parse", "HEAD"), clone.git("status", "--porcelain")) == (before, "")
    assert clone.git("tag") == "v1.1.0"


def test_a_commit_that_a_hook_refuses_leaves_everything_as_it_was(clone: Clone) -> None:
    hook = clone.directory / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho 'Not today.' >&2\nexit 1\n")
    hook.chmod(0o755)

    refused = clone.release("1.2.0")

    assert refused == (1, "No release: the commit was refused: Not today.\n")
    assert clone.git("status", "--porcelain") == ""
    assert clone.git("tag") == "v1.1.0"
