"""What is installed is what was locked, byte for byte, and is asked about every week."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LOCKS = [*ROOT.glob("requirements*.txt"), ROOT / "ops/tools/requirements.txt", ROOT / "bench/peers/requirements.txt"]

on_each = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))


@on_each
def test_every_version_is_pinned_with_hashes(lock: Path) -> None:
    entries = re.findall(r"^\S.*(?:\n .*)*", lock.read_text(), re.MULTILINE)

    pinned = [entry for entry in entries if not entry.startswith("#")]
    assert pinned
    assert [entry for entry in pinned if "==" not in entry or "--hash=sha256:" not in entry] == []


@on_each
def test_no_lock_says_where_to_download_from(lock: Path) -> None:
    assert re.findall(r"://|--index|--find-links", lock.read_text()) == []


@pytest.mark.parametrize("name", ["tools/environment.sh", "ops/tools/environment.sh", "Dockerfile"])
def test_nothing_is_installed_without_its_hash(name: str) -> None:
    # A command goes on over the ends of lines.
    commands = (ROOT / name).read_text().replace("\\\n", " ").splitlines()

    installing = [line for line in commands if re.search(r"\bpip\b.* install .*--requirement|\bpip install", line)]
    assert installing
    # The project itself comes from the checkout.
    unchecked = [line for line in installing if not re.search("--require-hashes|--no-index|--offline", line)]
    assert unchecked == []


def test_known_holes_are_asked_for_every_week() -> None:
    workflow = (ROOT / ".github/workflows/audit.yml").read_text()

    assert "make audit" in workflow
    assert "cron:" in workflow
