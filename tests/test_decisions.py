import re
from pathlib import Path

import pytest

DECISIONS = Path(__file__).parent.parent / "docs/decisions"
PAGES = sorted(DECISIONS.glob("0*.md"))

on_each = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def test_they_are_numbered_one_after_the_other() -> None:
    assert [int(page.name[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))


@on_each
def test_the_index_has_its_title_under_its_number(page: Path) -> None:
    heading = re.match(r"# (\d+)\. (.+)\n", page.read_text())

    assert heading is not None
    row = f"| [{heading[1]}]({page.name}) | {heading[2]} |"
    assert int(heading[1]) == int(page.name[:4])
    assert row in (DECISIONS / "README.md").read_text().splitlines()


@on_each
def test_it_says_why_what_and_at_what_price_on_one_page(page: Path) -> None:
    text = page.read_text()

    assert [f"## {part}" in text for part in ("Context", "Decision", "Consequences", "Alternatives")] == [True] * 4
    assert re.search(r"## Decision\n+\*\*.+?\*\*", text, re.DOTALL), "The sentence to quote is missing."
    assert len(text.splitlines()) <= 40


@on_each
def test_what_it_points_to_exists(page: Path) -> None:
    root = DECISIONS.parent.parent
    named = re.findall(
        r"`((?:docs|tests|tools)/[\w./-]+\w|(?:todos|graphql|database|telemetry)/\w+\.py)`", page.read_text()
    )

    assert [name for name in named if not (root / name).exists() and not (root / "todo_gql" / name).exists()] == []
