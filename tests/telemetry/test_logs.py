import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import loopback
from tests.process import serving
from tests.telemetry.client import trace_id
from tests.tools.otlp import attributes, receiving

pytestmark = pytest.mark.process


def test_each_record_is_one_json_object_with_trace_and_span(tmp_path: Path) -> None:
    with receiving() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.grpc_address, "APP_LOG_FORMAT": "json"}
        with serving(tmp_path, APP_FAULT_INJECTION="true", **settings) as service:
            failed = loopback.get(f"{service.url}/todos?simulate_error=500")
            service.signal(signal.SIGTERM)
            _, rest = service.wait()

    lines = [json.loads(line) for line in rest.splitlines()]
    _, trace, span, _ = failed.headers["traceresponse"].split("-")
    failure, access = [line for line in lines if line.get("trace_id") == trace]
    assert (failure["severity"], failure["logger"], failure["body"]) == (
        "ERROR",
        "todo_gql.asgi.errors",
        "GET /todos failed",
    )
    assert failure["span_id"] == access["span_id"] == span
    assert failure["exception"].endswith("todo_gql.rest.resource.InjectedFault")
    assert access["logger"] == "uvicorn.access"
    assert '"GET /todos HTTP/1.1" 500' in access["body"]


def test_a_plain_line_has_trace_and_span_as_the_answer_told_them(tmp_path: Path) -> None:
    with (
        receiving() as receiver,
        serving(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.grpc_address) as service,
    ):
        answer = loopback.get(f"{service.url}/todos")
        service.signal(signal.SIGTERM)
        _, rest = service.wait()

    _, trace, span, _ = answer.headers["traceresponse"].split("-")
    (access,) = [line for line in rest.splitlines() if "uvicorn.access" in line]
    assert re.fullmatch(rf'\S+Z INFO    {trace}-{span} uvicorn\.access: \S+ - "GET /todos HTTP/1\.1" 200', access)


def test_records_are_exported_with_trace_and_span(tmp_path: Path) -> None:
    with (
        receiving() as receiver,
        serving(tmp_path, APP_FAULT_INJECTION="true", OTEL_EXPORTER_OTLP_ENDPOINT=receiver.grpc_address) as service,
    ):
        failed = loopback.get(f"{service.url}/todos?simulate_error=500")
        service.signal(signal.SIGTERM)
        service.wait()

    failure, access = [record for record in receiver.logs if record.trace_id.hex() == trace_id(failed)]
    assert (failure.severity_text, failure.body.string_value) == ("ERROR", "GET /todos failed")
    assert attributes(failure)["exception.type"] == "InjectedFault"
    assert access.body.string_value.endswith('"GET /todos HTTP/1.1" 500')
    assert failure.span_id == access.span_id != b""


def test_of_what_is_never_awaited_only_our_own_is_told() -> None:
    program = """
import warnings
from todo_gql.telemetry.logs import set_up_logging
set_up_logging()
for name in ("Executor.execute_fields.<locals>.get_results", "Feed.run"):
    warnings.warn(f"coroutine '{name}' was never awaited", RuntimeWarning)
"""

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr

    assert "Feed.run" in told
    assert "Executor" not in told
