"""The collector of the tests of telemetry."""

from tests.telemetry.conftest import receiver

__all__ = ["receiver"]
