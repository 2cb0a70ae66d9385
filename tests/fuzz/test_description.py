"""Whatever the descriptions allow is answered as they say, and whatever they do not is refused as they say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.campaign import TARGETS, run_campaign
from tests.process import Service, serving

pytestmark = pytest.mark.process


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with serving(tmp_path) as service:
        yield service


@pytest.mark.parametrize("target", TARGETS)
def test_the_service_does_what_it_describes(target: str, service: Service, tmp_path: Path) -> None:
    report = run_campaign(service, target, tmp_path, "--generation-deterministic", "--max-examples=10")

    assert report.succeeded, report.text
    assert report.faults == []
    assert "No issues found" in report.text
