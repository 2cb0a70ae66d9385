"""What services could have told of themselves for hours, for a Prometheus that has just been started."""

import time
import urllib.request
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1 import metrics_pb2 as otlp
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from todo_gql.telemetry.names import Kind, Metric

MINUTES = 7 * 60
"""How far the histories go back."""

CHUNK = 30
"""Minutes that are sent at once: Prometheus takes nothing that is an hour older than the newest it has."""

_CUMULATIVE = otlp.AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE


@dataclass(frozen=True)
class Series:
    """One series by the minute.

    Args:
        value: By how many minutes ago it is: of a gauge its value, otherwise what is added in that minute.
        seconds: How long each of a histogram's measurements took.
    """

    metric: Metric
    value: Callable[[int], float]
    attributes: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.1

    def told(self, minutes_ago: Sequence[int], now_s: float) -> otlp.Metric:
        """Write some minutes of it as OTLP."""
        told = otlp.Metric(name=self.metric.name, unit=self.metric.unit)
        for ago in minutes_ago:
            self._point(told, ago, int((now_s - 60 * ago) * 1e9))
        return told

    def _point(self, told: otlp.Metric, ago: int, at_ns: int) -> None:
        attributes = _attributes(self.attributes)
        if self.metric.kind is Kind.GAUGE:
            told.gauge.data_points.add(time_unix_nano=at_ns, attributes=attributes, as_double=self.value(ago))
            return
        total = sum(map(self.value, range(ago, MINUTES + 1)))
        if self.metric.kind is Kind.COUNTER:
            told.sum.is_monotonic = True
            told.sum.aggregation_temporality = _CUMULATIVE
            told.sum.data_points.add(time_unix_nano=at_ns, attributes=attributes, as_double=total)
            return
        bounds = list(self.metric.buckets or ())
        counts = [0] * (len(bounds) + 1)
        counts[bisect_left(bounds, self.seconds)] = int(total)
        told.histogram.aggregation_temporality = _CUMULATIVE
        told.histogram.data_points.add(
            time_unix_nano=at_ns,
            attributes=attributes,
            count=int(total),
            sum=total * self.seconds,
            bucket_counts=counts,
            explicit_bounds=bounds,
        )


def tell(vmagent: str, histories: Mapping[str, Sequence[Series]], minutes: int = MINUTES) -> None:
    """Send histories of services, by their names: so many minutes up to now."""
    for request in _requests(histories, minutes, time.time()):
        sent = urllib.request.Request(
            f"{vmagent}/v1/metrics",
            request.SerializeToString(),
            {"Content-Type": "application/x-protobuf"},
        )
        with urllib.request.urlopen(sent, timeout=20) as answer:
            assert answer.status == 200


def _requests(
    histories: Mapping[str, Sequence[Series]], minutes: int, now_s: float
) -> Iterator[ExportMetricsServiceRequest]:
    for first in range(minutes, -1, -CHUNK):
        chunk = range(first, max(first - CHUNK, -1), -1)
        yield ExportMetricsServiceRequest(
            resource_metrics=[
                otlp.ResourceMetrics(
                    resource=Resource(attributes=_attributes({"service.name": name, "service.instance.id": "1"})),
                    scope_metrics=[otlp.ScopeMetrics(metrics=[each.told(chunk, now_s) for each in series])],
                )
                for name, series in histories.items()
            ]
        )


def _attributes(attributes: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in attributes.items()]
