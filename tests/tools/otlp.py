"""A collector for tests: receives OTLP over gRPC and HTTP on free ports of 127.0.0.1, and keeps what it got."""

import gzip
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, override

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class Service:
    """One of the three services of OTLP; each has one method, Export, and one path."""

    name: str
    path: str
    request: type[Any]
    response: type[Any]


SERVICES = (
    Service(
        "opentelemetry.proto.collector.trace.v1.TraceService",
        "/v1/traces",
        trace_service_pb2.ExportTraceServiceRequest,
        trace_service_pb2.ExportTraceServiceResponse,
    ),
    Service(
        "opentelemetry.proto.collector.metrics.v1.MetricsService",
        "/v1/metrics",
        metrics_service_pb2.ExportMetricsServiceRequest,
        metrics_service_pb2.ExportMetricsServiceResponse,
    ),
    Service(
        "opentelemetry.proto.collector.logs.v1.LogsService",
        "/v1/logs",
        logs_service_pb2.ExportLogsServiceRequest,
        logs_service_pb2.ExportLogsServiceResponse,
    ),
)


@dataclass
class OTLPReceiver:
    """What has arrived, and where more is taken; that is answered when `is_prompt` is set, as it is at first."""

    grpc_address: str = ""
    http_url: str = ""
    is_prompt: Event = field(default_factory=Event, repr=False)
    requests: list[Any] = field(default_factory=list, repr=False)

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self._of(trace_service_pb2.ExportTraceServiceRequest)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def metrics(self) -> list[Metric]:
        return [
            metric
            for request in self._of(metrics_service_pb2.ExportMetricsServiceRequest)
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]

    @property
    def logs(self) -> list[LogRecord]:
        return [
            record
            for request in self._of(logs_service_pb2.ExportLogsServiceRequest)
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    @property
    def resources(self) -> list[Resource]:
        return [
            resource.resource for request in self.requests for _, groups in request.ListFields() for resource in groups
        ]

    @property
    def text(self) -> str:
        """Everything that has arrived, to search in."""
        return "\n".join(str(request) for request in self.requests)

    def _of(self, kind: type[Any]) -> Iterable[Any]:
        return [request for request in self.requests if isinstance(request, kind)]


@contextmanager
def receiving(grpc_port: int = 0) -> Iterator[OTLPReceiver]:
    """Receive within; on this port over gRPC, or on a free one."""
    receiver = OTLPReceiver()
    receiver.is_prompt.set()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _http_handler(receiver))
    receiver.http_url = f"http://127.0.0.1:{http.server_port}"
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers([_grpc_handler(service, receiver) for service in SERVICES])
    receiver.grpc_address = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{grpc_port}')}"
    server.start()
    thread = Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
        server.stop(0).wait()


def _grpc_handler(service: Service, receiver: OTLPReceiver) -> grpc.GenericRpcHandler:
    def export(request: Any, _: grpc.ServicerContext) -> Any:
        receiver.requests.append(request)
        receiver.is_prompt.wait()
        return service.response()

    method = grpc.unary_unary_rpc_method_handler(
        export,
        request_deserializer=service.request.FromString,
        response_serializer=service.response.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(service.name, {"Export": method})


def _http_handler(receiver: OTLPReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            service = next(service for service in SERVICES if service.path == self.path)
            receiver.requests.append(service.request.FromString(body))
            receiver.is_prompt.wait()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def attributes(owner: Any) -> dict[str, Any]:
    """Give the attributes of a span, a log record, a data point or a resource."""
    return {pair.key: _plain(pair.value) for pair in owner.attributes}


def data_points(metric: Metric) -> Any:
    """Give the data points of a metric, of whichever kind it is."""
    kind = metric.WhichOneof("data")
    assert kind is not None
    return getattr(metric, kind).data_points


def tree(spans: Iterable[Span], trace_id: str, *shown: str) -> str:
    """Draw a trace: a line for each span, in the order of their starts, indented below its parent.

    Args:
        spans: Those received, of any trace.
        trace_id: Of the trace to draw.
        shown: The names of the attributes that are written behind the name of the span.
    """
    own = sorted(
        (span for span in spans if span.trace_id.hex() == trace_id), key=lambda span: span.start_time_unix_nano
    )
    known = {span.span_id for span in own}

    def lines(parent: bytes | None, depth: int) -> Iterator[str]:
        for span in own:
            if span.parent_span_id == parent if parent is not None else span.parent_span_id not in known:
                yield "  " * depth + _line(span, shown)
                yield from lines(span.span_id, depth + 1)

    return "\n".join(lines(None, 0))


def _line(span: Span, shown: Iterable[str]) -> str:
    kind = Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_")
    found = attributes(span)
    error = " ERROR" if span.status.code == span.status.STATUS_CODE_ERROR else ""
    return " ".join([f"{span.name} [{kind}]{error}", *(f"{name}={found[name]}" for name in shown if name in found)])


def _plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_plain(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None
