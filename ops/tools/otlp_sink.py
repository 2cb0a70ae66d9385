"""A collector that keeps what it is sent and tells it again: OTLP over HTTP on port 4318, GET /received for the rest.

Runs in the image of the service, which has the messages' definitions in it for the exporter.
"""

import gzip
import json
from collections import Counter
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PORT: Final = 4318


class Received:
    """How often a span, a metric or a log line of each name came, and in which traces."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, Counter[str]] = {"spans": Counter(), "metrics": Counter(), "logs": Counter()}
        self._trace_ids: set[str] = set()

    def add_spans(self, content: bytes) -> None:
        """Take in the body of a request to /v1/traces."""
        message = ExportTraceServiceRequest.FromString(content)
        spans = [span for each in message.resource_spans for scope in each.scope_spans for span in scope.spans]
        with self._lock:
            self._counts["spans"].update(span.name for span in spans)
            self._trace_ids.update(span.trace_id.hex() for span in spans)

    def add_metrics(self, content: bytes) -> None:
        """Take in the body of a request to /v1/metrics."""
        message = ExportMetricsServiceRequest.FromString(content)
        with self._lock:
            self._counts["metrics"].update(
                metric.name
                for each in message.resource_metrics
                for scope in each.scope_metrics
                for metric in scope.metrics
            )

    def add_logs(self, content: bytes) -> None:
        """Take in the body of a request to /v1/logs."""
        message = ExportLogsServiceRequest.FromString(content)
        with self._lock:
            self._counts["logs"].update(
                record.severity_text
                for each in message.resource_logs
                for scope in each.scope_logs
                for record in scope.log_records
            )

    def as_json(self) -> bytes:
        """Tell everything that came."""
        with self._lock:
            return json.dumps({**self._counts, "trace_ids": sorted(self._trace_ids)}).encode()


RECEIVED: Final = Received()
TAKERS: Final = {"/v1/traces": RECEIVED.add_spans, "/v1/metrics": RECEIVED.add_metrics, "/v1/logs": RECEIVED.add_logs}


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_POST(self) -> None:
        """Keep what an exporter sends (OTLP specification, section OTLP/HTTP)."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        TAKERS[self.path](content)
        self._answer(b"", "application/x-protobuf")

    def do_GET(self) -> None:
        """Tell what came, and to the health check that all is well."""
        self._answer(RECEIVED.as_json(), "application/json")

    def log_message(self, *_: object) -> None:
        """Say nothing of a request."""

    def _answer(self, content: bytes, media_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", PORT), Handler).serve_forever()  # noqa: S104  In a container of its own.
