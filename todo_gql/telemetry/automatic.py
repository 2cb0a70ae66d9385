"""Started under `opentelemetry-instrument`, as the old service was, the process has telemetry of another making."""

import logging
from importlib.metadata import entry_points
from threading import Thread
from typing import Final

from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

_log: Final = logging.getLogger(__name__)


def switch_off_automatic_telemetry() -> None:
    """Take down what `opentelemetry-instrument` has set up: nothing is exported twice, and nothing under two names."""
    providers = [
        provider
        for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider())
        if isinstance(provider, TracerProvider | MeterProvider | LoggerProvider)
    ]
    if not providers:
        return
    for entry_point in entry_points(group="opentelemetry_instrumentor"):
        instrumentor = entry_point.load()()
        if instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.uninstrument()
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, LoggingHandler)]:
        root.removeHandler(handler)
    for provider in providers:
        # Aside: a collector that is away would hold the start up.
        Thread(target=provider.shutdown, daemon=True).start()
    _log.info("opentelemetry-instrument is not needed: the service sets up its telemetry itself")
