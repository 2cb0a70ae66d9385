"""Which names the instrumentations use: the stable semantic conventions, and no others."""

import os


def use_stable_conventions() -> None:
    """Let instrumentations that are made from now on use the names of which `telemetry.names` is made."""
    # As the other instrumentations: a service that nobody watches starts without it.
    from opentelemetry.instrumentation._semconv import (  # noqa: PLC0415
        _OpenTelemetrySemanticConventionStability as Stability,
    )

    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http,database"
    # The variable is read when the first instrumentation of the process is made. Under opentelemetry-instrument that
    # was before our first line, and every dashboard of HTTP would be empty. There is no public way to have it read
    # again; this can go when the stable names are the default.
    Stability._initialized = False  # noqa: SLF001
