import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.git import environment
from tests.tools.npm import ROOT

pytestmark = pytest.mark.process

SCHEMA = "type Query {\n  title: String!\n  done: Boolean\n}\n"
REMOVED = "type Query {\n  title: String!\n}\n"
ADDED = SCHEMA.replace("done: Boolean", "done: Boolean\n  open: Boolean")
RELEASED = "\n## [1.0.0] - 2026-11-23\n\n### Breaking\n\n- What broke then.\n"
QUIET = f"# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n{RELEASED}"
LOUD = QUIET.replace("### Added", "### Breaking")


class Repository:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._git("init", "--quiet")

    def commit(self, schema: str, *, tag: str | None = None) -> None:
        self.write(schema)
        self._git("add", ".")
        self._git("commit", "--quiet", "--message", "x")
        if tag is not None:
            self._git("tag", tag)

    def write(self, schema: str, changelog: str = QUIET) -> None:
        (self._directory / "schema.graphql").write_text(schema)
        (self._directory / "CHANGELOG.md").write_text(changelog)

    def check(self) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, ROOT / "tools/schema_changes.py"],
            cwd=self._directory,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self._directory, env=environment(), check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.mark.parametrize("tag", [None, "weekly"])
def test_before_the_first_release_everything_may_change(repository: Repository, tag: str | None) -> None:
    repository.commit(SCHEMA, tag=tag)
    repository.write(REMOVED)

    assert repository.check() == (0, "No release has been tagged yet: any change of the schema will do.\n", "")


def test_a_breaking_change_that_the_changelog_does_not_tell_is_refused(repository: Repository) -> None:
    repository.commit(SCHEMA, tag="v1.0.0")
    repository.write(REMOVED, QUIET)

    exit_code, out, err = repository.check()

    assert (exit_code, out) == (1, "1 breaking changes of the schema since v1.0.0.\n  Field Query.done was removed.\n")
    assert err == "The schema breaks callers; say so in CHANGELOG.md under Unreleased, as `### Breaking`.\n"


def test_a_breaking_change_that_the_changelog_tells_may_be(repository: Repository) -> None:
    repository.commit(SCHEMA, tag="v1.0.0")
    repository.write(REMOVED, LOUD)

    assert repository.check() == (
        0,
        "1 breaking changes of the schema since v1.0.0.\n  Field Query.done was removed.\n",
        "",
    )


def test_an_addition_breaks_nothing(repository: Repository) -> None:
    repository.commit(SCHEMA, tag="v1.0.0")
    repository.write(ADDED)

    assert repository.check() == (0, "0 breaking changes of the schema since v1.0.0.\n", "")


def test_the_last_release_counts(repository: Repository) -> None:
    repository.commit(SCHEMA, tag="v9.0.0")
    repository.commit(REMOVED, tag="v10.0.0")

    assert repository.check() == (0, "0 breaking changes of the schema since v10.0.0.\n", "")


@pytest.mark.parametrize(
    ("directive", "exit_code"),
    [
        ('@deprecated(reason: "2026-11-23: ask for status.")', 0),
        ('@deprecated(reason: "Ask for status, from 2027-06-30 on.")', 0),
        ('@deprecated(reason: "Ask for status.")', 1),
        ('@deprecated(reason: "2026-13-45: ask for status.")', 1),
        ("@deprecated", 1),
    ],
)
def test_a_deprecation_has_a_reason_with_a_date(repository: Repository, directive: str, exit_code: int) -> None:
    repository.write(SCHEMA.replace("done: Boolean", f"done: Boolean {directive}"))

    assert repository.check()[0] == exit_code


def test_a_bare_deprecation_is_named_by_its_line(repository: Repository) -> None:
    repository.write("enum Status {\n  OPEN\n  DONE @deprecated\n}\n\ntype Query {\n  status: Status\n}\n")

    [line] = repository.check()[2].splitlines()

    assert line.startswith("schema.graphql:3: @deprecated needs a reason with its date in it")
