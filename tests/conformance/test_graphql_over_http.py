import json
from pathlib import Path

import pytest

from tests.process import serving
from tests.tools.npm import installed

pytestmark = pytest.mark.process


def test_every_audit_of_graphql_http_passes(tmp_path: Path) -> None:
    project = installed(Path(__file__).parent)

    with serving(tmp_path) as service:
        done = project.run("audits", f"{service.url}/graphql")

    results = json.loads(done.stdout)
    assert [f"{result['name']}: {result.get('reason')}" for result in results if result["status"] != "ok"] == []
    assert len(results) == 61
