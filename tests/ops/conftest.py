"""The collector of the tests of telemetry."""

from tests.telemetry.conftest import deprecated_field, receiver

__all__ = ["deprecated_field", "receiver"]
