"""Make a release of what is on main: `make release VERSION=1.2.0`; run in the root of the repository."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

CHANGELOG: Final = Path("CHANGELOG.md")
PROJECT: Final = Path("pyproject.toml")


class Refusal(Exception):
    """There can be no release; the message says why."""


def main() -> None:
    """Check, move the changelog's unreleased section under the version, set the version, commit and tag."""
    try:
        release(sys.argv[1] if len(sys.argv) > 1 else "", datetime.now(UTC).date())
    except Refusal as refusal:
        sys.exit(f"No release: {refusal}")


def release(version: str, today: date) -> None:
    """Make the release, or change nothing. Raises Refusal."""
    _check_version(version)
    _check_tree()
    changelog = with_release(CHANGELOG.read_text(encoding="utf-8"), version, today)
    project = with_version(PROJECT.read_text(encoding="utf-8"), version)
    # Last, as it takes the longest.
    if subprocess.run(["make", "--no-print-directory", "check"], check=False).returncode != 0:
        raise Refusal("`make check` fails.")
    CHANGELOG.write_text(changelog, encoding="utf-8")
    PROJECT.write_text(project, encoding="utf-8")
    try:
        _git("commit", "--quiet", "--message", f"release: {version}", "--", str(CHANGELOG), str(PROJECT))
    except subprocess.CalledProcessError as error:
        _git("restore", "--staged", "--worktree", "--", str(CHANGELOG), str(PROJECT))
        raise Refusal(f"the commit was refused: {error.stderr.strip()}") from error
    _git("tag", "--annotate", f"v{version}", "--message", f"Release {version}")
    print(f"v{version} is committed and tagged. `git push --atomic origin main v{version}` publishes it.")


def with_release(changelog: str, version: str, today: date) -> str:
    """Move what is unreleased under the version and its day. Raises Refusal when that is nothing."""
    head, mark, rest = changelog.partition("## [Unreleased]\n")
    unreleased = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    if not mark or not re.search(r"^- ", unreleased, re.MULTILINE):
        raise Refusal("CHANGELOG.md has nothing under [Unreleased].")
    return f"{head}{mark}\n## [{version}] - {today.isoformat()}\n{rest}"


def with_version(project: str, version: str) -> str:
    """Set the version of the project, which the service reads where it is installed. Raises Refusal."""
    changed, count = re.subn(r'(?m)^version = "[^"]*"$', f'version = "{version}"', project, count=1)
    if count == 0:
        raise Refusal("pyproject.toml has no version.")
    return changed


def _check_version(version: str) -> None:
    if not re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", version):
        raise Refusal("name the version, as in `make release VERSION=1.2.0`.")
    released = [tag.removeprefix("v") for tag in _git("tag", "--list", "v[0-9]*").split()]
    newest = max(released, key=_order, default=None)
    if newest is not None and _order(version) <= _order(newest):
        raise Refusal(f"{newest} has been released: {version} is not newer.")


def _check_tree() -> None:
    branch = _git("branch", "--show-current").strip()
    if branch != "main":
        raise Refusal(f"this is {f'the branch {branch}' if branch else 'no branch'}: releases are made on main.")
    if changes := _git("status", "--porcelain").strip():
        raise Refusal(f"the tree is not clean:\n{changes}")


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
