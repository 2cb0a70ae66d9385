"""The table of what was tried with another owner's todos."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from tests.owners.case import Case
from tests.owners.guards import Guards

_HEAD: Final = (
    "# Across owners\n\n"
    "What Bob gets who asks with what is Alice's: every operation of GraphQL and every method and path of REST, as the "
    "schema and the routes have them. `make cross-owner` tries all of it and writes this page; `make test` tries it "
    "too.\n\n"
    "Each is tried with both of what keeps owners apart, with each of them alone, and, to see that the test sees "
    "something, with neither. The WHERE is taken out of every statement on its way to the driver "
    "(`tests/owners/unconditioned.py`), row-level security by a policy that admits everyone. Where it says what came "
    "of it, no answer to Bob held a word or an id of hers, and her rows were afterwards what they were before.\n\n"
)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of a case."""

    case: Case
    guards: Guards
    result: str
    has_learnt: bool
    has_changed: bool

    @property
    def is_harmless(self) -> bool:
        return self.result == self.case.result and not self.has_learnt and not self.has_changed

    def __str__(self) -> str:
        if self.is_harmless:
            return self.result.replace("|", "\\|")
        harm = [word for word, is_so in (("learns", self.has_learnt), ("changes", self.has_changed)) if is_so]
        return f"**{' and '.join(harm) or 'differs'}**"


def write_table(tried: Sequence[Tried]) -> str:
    """Write the page: a row for each case, a column for each set of guards."""
    columns = list(Guards)
    lines = [
        f"| asked for | with what of hers | {' | '.join(columns)} |",
        f"| --- | --- |{' --- |' * len(columns)}",
    ]
    in_order = sorted(tried, key=lambda one: (one.case.operation, one.case.of_hers, columns.index(one.guards)))
    for (operation, of_hers), of_case in groupby(in_order, lambda one: (one.case.operation, one.case.of_hers)):
        cells = {one.guards: one for one in of_case}
        texts = [str(cells[guards]) if guards in cells else "" for guards in columns]
        # The same in each column but the first is said once.
        shown = [texts[0], *("the same" if text == texts[0] else text for text in texts[1:])]
        lines.append(f"| {operation} | {of_hers} | {' | '.join(shown)} |")
    alone = {one.case.name: one.case.stands_alone for one in tried if one.case.stands_alone}
    notes = "\n".join(f"- {name}: {reason}." for name, reason in sorted(alone.items()))
    return f"{_HEAD}{'\n'.join(lines)}\n\nThe same without any guard in the database, as:\n\n{notes}\n"
