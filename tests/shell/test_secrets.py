"""Where the password of the database is not: anywhere but in the environment, and in what is told to the database."""

import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import loopback
from tests.process import Service, serving
from tests.tools.otlp import OTLPReceiver, receiving

pytestmark = pytest.mark.process


@pytest.fixture
def receiver() -> Iterator[OTLPReceiver]:
    with receiving() as receiver:
        yield receiver


def command_lines(service: Service) -> str:
    """Read what everyone on the machine sees of the service and its workers."""
    workers = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
    return " ".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in (service.pid, *workers))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("log_format", ["plain", "json"])
def test_it_is_in_no_log_line_no_telemetry_no_answer_and_no_process_list(
    log_format: str, database_url: str, receiver: OTLPReceiver, tmp_path: Path
) -> None:
    secret = str(urlsplit(database_url).password)
    settings = {
        "APP_DATABASE_URL": database_url,
        "APP_LISTEN_URL": database_url,
        "APP_LOG_FORMAT": log_format,
        "APP_FAULT_INJECTION": "true",
        "APP_EXPLAIN": "true",
        "APP_WORKERS": "2",
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.http_url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }
    with serving(tmp_path, **settings) as service:
        client = loopback.client(service.url)
        failed = client.get("/todos?simulate_error=500")
        explained = client.post(
            "/graphql", json={"query": "{ stats: todos { totalCount } }"}, headers={"X-Todo-Explain": "1"}
        )
        answers = [failed, explained, client.get("/readyz"), client.get("/todos")]
        seen = command_lines(service)
        service.signal(signal.SIGTERM)
        _, log = service.wait()
        log += service.first_line
    client.close()

    assert len(secret) >= 32
    # Each of these has something to tell.
    assert "Traceback" in log
    assert "SELECT" in explained.text
    assert "todo_gql" in seen
    assert any(span.name.startswith("SELECT") for span in receiver.spans)
    assert [secret in text for text in (log, seen, receiver.text)] == [False] * 3
    assert [secret in answer.text for answer in answers] == [False] * 4
