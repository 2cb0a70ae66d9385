from datetime import UTC, date, datetime

import pytest

from todo_gql.todos.model import Due
from todo_gql.todos.times import due_at, format_instant, parse_date, parse_instant, parse_time_zone


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-23T08:00:00Z", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23t08:00:00z", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("2026-11-23T09:30:00.5+01:30", datetime(2026, 11, 23, 8, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-23T08:00:00.123456789Z", datetime(2026, 11, 23, 8, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_utc(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T08:00:00",
        "2026-11-23",
        "2026-11-23 08:00:00Z",
        "2026-02-30T08:00:00Z",
        "2026-11-23T24:00:01Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "٢٠٢٦-11-23T08:00:00Z",
        "",
        "\ud800",
        1_700_000_000,
        None,
    ],
)
def test_what_is_no_instant_is_refused_with_the_rule(value: object) -> None:
    with pytest.raises(ValueError, match="A DateTime is an RFC 3339 instant with an offset"):
        parse_instant(value)


@pytest.mark.parametrize("value", ["2026-02-30", "20261123", "2026-W48-1", "0000-01-01", "", 5, None])
def test_what_is_no_date_is_refused_with_the_rule(value: object) -> None:
    with pytest.raises(ValueError, match="A Date is an RFC 3339 full-date"):
        parse_date(value)


@pytest.mark.parametrize("value", ["Mars/Base", "europe/berlin", "localtime", "../../etc/passwd", "", "\0", 5, None])
def test_what_is_no_time_zone_is_refused_with_the_rule(value: object) -> None:
    with pytest.raises(ValueError, match="A TimeZone is an IANA time zone name"):
        parse_time_zone(value)


def test_a_due_instant_has_the_date_of_its_time_zone() -> None:
    at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    due = due_at(at, parse_time_zone("Europe/Berlin"))

    assert due == Due(date=date(2026, 11, 24), at=at, time_zone="Europe/Berlin")


@pytest.mark.parametrize("time_zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("text", ["0001-01-02T00:00:00Z", "9999-12-30T23:59:59Z"])
def test_the_first_and_the_last_instants_have_a_date_everywhere(text: str, time_zone: str) -> None:
    assert due_at(parse_instant(text), time_zone).date.year in {1, 9999}


@pytest.mark.parametrize(
    ("due", "overdue_at"),
    [
        (Due(date=date(2026, 11, 23)), datetime(2026, 11, 24, tzinfo=UTC)),
        (Due(date=date.max), datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_date_alone_is_past_once_that_day_has_ended_in_utc(due: Due, overdue_at: datetime) -> None:
    assert due.overdue_at == overdue_at


def test_an_instant_is_written_in_utc_with_z() -> None:
    assert format_instant(datetime(2026, 11, 23, 8, 0, 0, 5, tzinfo=UTC)) == "2026-11-23T08:00:00.000005Z"
    assert format_instant(datetime(2026, 11, 23, 8, tzinfo=UTC)) == "2026-11-23T08:00:00Z"
