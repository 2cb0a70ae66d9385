import re

import pytest

from tools.licences import LOCK, Licensed, licences

SHIPPED = list(licences())


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda shipped: shipped.package)
def test_the_service_may_be_shipped_with_it(shipped: Licensed) -> None:
    assert shipped.is_allowed, shipped.licence


def test_nothing_that_is_installed_is_left_out() -> None:
    # What has a marker is for other systems, or for none of those on which the tests run.
    pinned = re.findall(r"^([\w.-]+)==[^;\n]*\\$", LOCK.read_text(), re.MULTILINE)

    assert len(pinned) > 40
    assert set(pinned) <= {shipped.package for shipped in SHIPPED}


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GPL-3.0-only", False),
        ("MIT AND AGPL-3.0-or-later", False),
        ("MIT WITH some-exception", False),
        ("", False),
        ("See the file LICENSE", False),
    ],
)
def test_a_licence_is_allowed_by_name(licence: str, is_allowed: bool) -> None:
    assert Licensed("package", "1.0", licence).is_allowed == is_allowed
