"""The clock, and times as text, the same on every face: strict when read, one form when written."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from todo_gql.todos.model import Due

# RFC 3339 section 5.6; its `T` and `Z` may be written in lower case.
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

# A day from either end of the calendar, so that an instant has a date in every time zone.
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
_LATEST: Final = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)

INSTANT_RULE: Final = "A DateTime is an RFC 3339 instant with an offset, such as 2026-11-23T08:00:00Z."
DATE_RULE: Final = "A Date is an RFC 3339 full-date, such as 2026-11-23."
TIME_ZONE_RULE: Final = "A TimeZone is an IANA time zone name, such as Europe/Berlin."


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def parse_instant(value: object) -> datetime:
    """Read an instant as UTC, to the microsecond. Raises ValueError with the rule."""
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
            if _EARLIEST <= instant <= _LATEST:
                return instant
    except (ValueError, OverflowError):
        pass
    raise ValueError(INSTANT_RULE)


def format_instant(value: datetime) -> str:
    """Write an instant in UTC with `Z`, microseconds only where there are any."""
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat().removesuffix("+00:00") + "Z"


def parse_date(value: object) -> date:
    """Read a date. Raises ValueError with the rule."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(DATE_RULE)


def parse_time_zone(value: object) -> str:
    """Read the name of a time zone, spelled as IANA spells it. Raises ValueError with the rule."""
    if isinstance(value, str) and value in _time_zones():
        return value
    raise ValueError(TIME_ZONE_RULE)


def due_at(at: datetime, time_zone: str) -> Due:
    """Make a due instant, planned in a time zone; both as the functions here read them."""
    return Due(date=at.astimezone(ZoneInfo(time_zone)).date(), at=at, time_zone=time_zone)


@cache
def _time_zones() -> frozenset[str]:
    # Debian links its own time zone there: a name that means another one on every machine is none of IANA's.
    return frozenset(available_timezones() - {"localtime"})
