"""Programs for Node.js, with the packages that a package-lock.json beside them pins."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NPM = ROOT / "tools/npm.sh"


class Project:
    """A directory with a package.json."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def run(self, script: str, *arguments: str, started_in: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run one of its scripts; npm tells that as INIT_CWD where it was started."""
        return subprocess.run(
            [NPM, "--prefix", self._directory, "run", "--silent", script, "--", *arguments],
            cwd=started_in,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def installed(directory: Path) -> Project:
    """Install what a package-lock.json pins, unless it is there; skip the test where that cannot be had.

    A machine need have neither Node.js nor a network. CI has both, and a test that it skips proves nothing.
    """
    pinned = (directory / "package-lock.json").read_text()
    stamp = directory / "node_modules/.made-from"
    # Tests run in several processes, which share the directory.
    with (directory / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != pinned:
            command = (NPM, "--prefix", directory, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode != 0:
                reason = f"The npm packages of {directory.name} cannot be installed: {done.stderr.strip()}"
                if os.environ.get("CI") == "true":
                    raise RuntimeError(reason)
                pytest.skip(reason)
            stamp.write_text(pinned)
    return Project(directory)
