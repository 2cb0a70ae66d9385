"""PromQL over the metrics of `todo_gql.telemetry.names`, whose names are those that Prometheus gives to OTLP."""

from typing import Final

from todo_gql.telemetry import names
from todo_gql.telemetry.names import Kind, Metric

OBJECTIVE: Final = 0.999
"""The share of answers that may not fail by our fault."""

FAST_S: Final = 0.25
"""How long an answer may take to count as fast; a bound of the buckets."""

_UNITS: Final = {"s": "_seconds", "By": "_bytes"}
_WINDOW: Final = "$__rate_interval"


def prometheus_name(metric: Metric) -> str:
    """Name a metric as Prometheus does (opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics)."""
    base = metric.name.replace(".", "_") + _UNITS.get(metric.unit, "")
    return f"{base}_total" if metric.kind is Kind.COUNTER else base


UPTIME: Final = prometheus_name(names.UPTIME)


def series(metric: Metric, matchers: str = "", *, part: str = "") -> str:
    """Select the series of a metric of the chosen service; `part` is _bucket, _count or _sum of a histogram."""
    return f'{prometheus_name(metric)}{part}{{job="$job"{"," if matchers else ""}{matchers}}}'


def rate(metric: Metric, matchers: str = "", *, by: str = "", window: str = _WINDOW) -> str:
    """Count events a second."""
    part = "_count" if metric.kind is Kind.HISTOGRAM else ""
    return f"sum{f' by ({by})' if by else ''} (rate({series(metric, matchers, part=part)}[{window}]))"


def quantile(share: float, metric: Metric, matchers: str = "", *, by: str = "") -> str:
    """Estimate what this share of measurements stays below."""
    labels = f"le, {by}" if by else "le"
    return (
        f"histogram_quantile({share}, sum by ({labels}) (rate({series(metric, matchers, part='_bucket')}[{_WINDOW}])))"
    )


def or_zero(expr: str) -> str:
    """Let nothing be 0: what has never happened has no series."""
    return f"({expr} or vector(0))"


# GraphQL answers its failures with 200, so that its operations are judged by their outcome, and only the other routes
# by their status.
REST: Final = 'http_route!="/graphql"'
REST_FAILED: Final = f'{REST},http_response_status_code=~"5.."'
FAILED: Final = 'outcome="failed"'


def answers(window: str = _WINDOW) -> str:
    """Count answers of both protocols a second."""
    rest = or_zero(rate(names.HTTP_DURATION, REST, window=window))
    return f"({rest} + {or_zero(rate(names.OPERATION_DURATION, window=window))})"


def failures(window: str = _WINDOW) -> str:
    """Count the answers that failed by our fault."""
    rest = or_zero(rate(names.HTTP_DURATION, REST_FAILED, window=window))
    return f"({rest} + {or_zero(rate(names.OPERATION_DURATION, FAILED, window=window))})"


def failed_share(window: str = _WINDOW) -> str:
    """Give the share of answers that failed; nothing when nobody asked."""
    return f"{failures(window)} / ({answers(window)} > 0)"
