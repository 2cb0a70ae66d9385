"""The table of faults, and what in it must not be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.faults.faults import Scene, ninety_ninth
from tests.faults.ledger import Audit, Ledger

HEAD: Final = (
    "| fault | times | requests | failed | lost | doubled | longest gap | besides |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
)
READ_DEADLINE_S: Final = 5
DEADLINE_S: Final = 8
HEALTH_MS: Final = 100
_SCHEDULING_S: Final = 0.5
"""What a busy machine may add to a deadline."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What must hold; None is no bound."""

    failed_per_mille: float | None = 0
    longest_gap_s: float | None = None
    whole_after_s: float = 1
    loses: bool = False
    """Acknowledged todos must be lost: it is the audit that is tried."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of a fault, as often as it happened."""

    name: str
    times: int
    ledger: Ledger
    audit: Audit
    bounds: Bounds
    scene: Scene | None = None

    @property
    def requests(self) -> int:
        """Count what was answered, and what was not."""
        return len(self.ledger.acknowledged) + len(self.ledger.failed)

    def __str__(self) -> str:
        cells = (
            self.name,
            f"{self.times}",
            f"{self.requests:,}",
            f"{len(self.ledger.failed):,}",
            f"{len(self.audit.lost):,}",
            f"{len(self.audit.doubled):,}",
            f"{self.ledger.longest_gap_s:.1f} s",
            "; ".join(self._besides()),
        )
        return f"| {' | '.join(cells)} |"

    def complaints(self) -> Iterator[str]:
        """Say which bounds do not hold."""
        for sentence in self._broken():
            yield f"{self.name}: {sentence}"

    def _besides(self) -> Iterator[str]:
        if self.scene is not None and self.scene.health_ms:
            yield f"slowest write {self.ledger.slowest_s:.1f} s, slowest read {self.scene.slowest_read_s:.1f} s"
            yield f"p99 of /livez {ninety_ninth(self.scene.health_ms):.0f} ms"
            yield f"whole again after {self.scene.whole_after_s:.1f} s"

    def _broken(self) -> Iterator[str]:
        bounds, ledger = self.bounds, self.ledger
        if bounds.loses != bool(self.audit.lost):
            yield f"{len(self.audit.lost)} acknowledged todos are lost."
        if self.audit.doubled:
            yield f"{len(self.audit.doubled)} todos are there twice."
        if bounds.failed_per_mille is not None and len(ledger.failed) * 1000 > bounds.failed_per_mille * self.requests:
            yield f"{len(ledger.failed)} requests failed, such as with {ledger.failed[0]}"
        if bounds.longest_gap_s is not None and ledger.longest_gap_s > bounds.longest_gap_s:
            yield f"Nothing was acknowledged for {ledger.longest_gap_s:.1f} s."
        if self.scene is not None and self.scene.health_ms:
            yield from self._broken_in_silence(self.scene)

    def _broken_in_silence(self, scene: Scene) -> Iterator[str]:
        if self.ledger.slowest_s > DEADLINE_S + _SCHEDULING_S:
            yield f"A write was answered after {self.ledger.slowest_s:.1f} s."
        if scene.slowest_read_s > READ_DEADLINE_S + _SCHEDULING_S:
            yield f"A read was answered after {scene.slowest_read_s:.1f} s."
        if ninety_ninth(scene.health_ms) > HEALTH_MS:
            yield f"/livez took {ninety_ninth(scene.health_ms):.0f} ms."
        if scene.whole_after_s > self.bounds.whole_after_s:
            yield f"The service was whole again only after {scene.whole_after_s:.1f} s."
