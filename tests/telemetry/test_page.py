from pathlib import Path

from tools.telemetry_page import page


def test_the_page_is_what_the_names_make() -> None:
    written = (Path(__file__).parents[2] / "docs" / "telemetry.md").read_text()

    assert written == "\n".join(page()) + "\n", "make docs writes it anew"
