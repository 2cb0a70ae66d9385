"""Whatever SECURITY.md says is guarded against is shown by a test that is there."""

import re
from pathlib import Path

import pytest

from todo_gql.settings import Settings, variable

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text()
ROWS = re.findall(r"^\| ([A-Z][^|]+\.) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_threat_has_a_control_and_a_test(row: tuple[str, str, str]) -> None:
    _, control, shown = row

    assert control.strip()
    assert re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`(, `tests/[\w/]+\.py::test_\w+`)*", shown)


def test_no_row_of_the_table_is_of_another_form() -> None:
    table = PAGE.partition("## Threats")[2]

    assert len(re.findall(r"^\|", table, re.MULTILINE)) == len(ROWS) + len(["head", "rule"])


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_test_that_it_names_is_there(file: str, name: str) -> None:
    assert re.search(rf"^ *(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_the_version_that_gets_fixes_is_this_one() -> None:
    version = re.findall(r'^version = "(\d+\.\d+)\.', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

    assert re.findall(r"^\| ([0-9.]+) \| yes \|$", PAGE, re.MULTILINE) == version


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/security.md"])
def test_every_setting_that_is_named_is_there(page: str) -> None:
    named = set(re.findall(r"\bAPP_[A-Z_]+[A-Z]", (ROOT / page).read_text())) - {"APP_LIMIT"}

    assert named
    assert named <= {variable(name) for name in Settings.model_fields}
