import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = subprocess.check_output(["git", "ls-files", "*.md"], cwd=ROOT, text=True).split()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_repository_leads_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\((?!https?:)([^)\s#]+)", path.read_text())

    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_page_can_be_found_from_the_readme() -> None:
    found, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        found.add(page)
        links = [(page.parent / link).resolve() for link in re.findall(r"\]\((?!https?:)([^)\s#]+)", page.read_text())]
        # A folder shows its README.md.
        pages = {link / "README.md" if link.is_dir() else link for link in links}
        waiting += [each for each in pages - found if each.suffix == ".md" and each.exists() and each not in waiting]

    assert {ROOT / page for page in PAGES if page.startswith("docs/")} - found == set()
