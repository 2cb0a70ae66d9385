"""The exporters of the OpenTelemetry SDK; headers, certificates and time-outs they read from OTEL_* themselves."""

from opentelemetry.sdk._logs.export import LogRecordExporter
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter

from todo_gql.telemetry.destinations import Destination, Protocol

# Each imports what it needs by itself: gRPC alone takes longer to import than the service to start without it.


def span_exporter(destination: Destination) -> SpanExporter:
    """Make the exporter of spans."""
    if destination.protocol is Protocol.GRPC:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        return OTLPSpanExporter(endpoint=destination.url)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter as HTTPSpanExporter,
    )

    return HTTPSpanExporter(endpoint=destination.url)


def metric_exporter(destination: Destination) -> MetricExporter:
    """Make the exporter of metrics."""
    if destination.protocol is Protocol.GRPC:
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter  # noqa: PLC0415

        return OTLPMetricExporter(endpoint=destination.url)
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415
        OTLPMetricExporter as HTTPMetricExporter,
    )

    return HTTPMetricExporter(endpoint=destination.url)


def log_exporter(destination: Destination) -> LogRecordExporter:
    """Make the exporter of log records."""
    if destination.protocol is Protocol.GRPC:
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter  # noqa: PLC0415

        return OTLPLogExporter(endpoint=destination.url)
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HTTPLogExporter  # noqa: PLC0415

    return HTTPLogExporter(endpoint=destination.url)
