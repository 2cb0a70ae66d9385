"""Set up traces, metrics and logs for one application, and take them down again."""

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from opentelemetry import metrics, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import DropAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from todo_gql.telemetry.automatic import switch_off_automatic_telemetry
from todo_gql.telemetry.conventions import use_stable_conventions
from todo_gql.telemetry.delivery import deliver_the_rest, hear_libraries
from todo_gql.telemetry.destinations import Destination, DestinationError, Signal, find_destination
from todo_gql.telemetry.exporters import log_exporter, metric_exporter, span_exporter
from todo_gql.telemetry.log_export import LogExport
from todo_gql.telemetry.resource import service_resource

_SCOPE: Final = "todo_gql"

# The ASGI middleware measures the size of an answer with the number of the one before it.
_VIEWS: Final = (View(instrument_name="http.server.*.body.size", aggregation=DropAggregation()),)

_log: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class _Delivery:
    """What has to be delivered when the service stops."""

    destinations: list[Destination] = field(default_factory=list)
    shutdowns: list[Callable[[], object]] = field(default_factory=list)
    interrupts: list[Callable[[], object]] = field(default_factory=list)


class Telemetry:
    """What the parts of one application record their spans and measurements with.

    The providers are not the process's global ones, which can be set once only: each application has its own.
    """

    def __init__(self, version: str) -> None:
        switch_off_automatic_telemetry()
        self._delivery = _Delivery()
        self._log_export: LogExport | None = None
        self.tracer_provider: trace.TracerProvider = trace.NoOpTracerProvider()
        self.meter_provider: metrics.MeterProvider = metrics.NoOpMeterProvider()
        resource = service_resource(version)
        if destination := self._find(Signal.TRACES):
            self.tracer_provider = self._trace_to(destination, resource)
        if destination := self._find(Signal.METRICS):
            self.meter_provider = self._measure_to(destination, resource)
        if destination := self._find(Signal.LOGS):
            self._log_export = LogExport(self._log_to(destination, resource))
        if self.is_on:
            use_stable_conventions()
        self.tracer = self.tracer_provider.get_tracer(_SCOPE, version)
        self.meter = self.meter_provider.get_meter(_SCOPE, version)

    @property
    def is_on(self) -> bool:
        """Say whether anything is exported."""
        return bool(self._delivery.shutdowns)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Export log records within; deliver everything that is pending at the end."""
        if not self.is_on:
            yield
            return
        root = logging.getLogger()
        hear_libraries()
        if self._log_export is not None:
            root.addHandler(self._log_export)
        try:
            yield
        finally:
            if self._log_export is not None:
                root.removeHandler(self._log_export)
            await deliver_the_rest(self._delivery.destinations, self._delivery.shutdowns, self._delivery.interrupts)

    def _find(self, signal: Signal) -> Destination | None:
        try:
            return find_destination(signal, os.environ)
        except DestinationError as error:
            # A service without telemetry is of use; telemetry without a service is not.
            _log.warning("No %s are exported: %s", signal, error)
            return None

    def _trace_to(self, destination: Destination, resource: Resource) -> TracerProvider:
        exporter = span_exporter(destination)
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        self._deliver(destination, provider.shutdown, exporter.shutdown)
        return provider

    def _measure_to(self, destination: Destination, resource: Resource) -> MeterProvider:
        exporter = metric_exporter(destination)
        reader = PeriodicExportingMetricReader(exporter)
        provider = MeterProvider([reader], resource=resource, views=_VIEWS, shutdown_on_exit=False)
        self._deliver(destination, provider.shutdown, exporter.shutdown)
        return provider

    def _log_to(self, destination: Destination, resource: Resource) -> LoggerProvider:
        exporter = log_exporter(destination)
        provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
        self._deliver(destination, provider.shutdown, exporter.shutdown)
        return provider

    def _deliver(
        self, destination: Destination, shutdown: Callable[[], object], interrupt: Callable[[], object]
    ) -> None:
        self._delivery.destinations.append(destination)
        self._delivery.shutdowns.append(shutdown)
        self._delivery.interrupts.append(interrupt)
