"""Which names the instrumentations use: the stable semantic conventions, and no others."""

import os

from opentelemetry.instrumentation._semconv import _OpenTelemetrySemanticConventionStability


def use_stable_conventions() -> None:
    """Let instrumentations that are made from now on use the names of which `telemetry.names` is made."""
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http,database"
    # The variable is read when the first instrumentation of the process is made. Under opentelemetry-instrument that
    # was before our first line, and every dashboard of HTTP would be empty. There is no public way to have it read
    # again; this can go when the stable names are the default.
    _OpenTelemetrySemanticConventionStability._initialized = False  # noqa: SLF001
