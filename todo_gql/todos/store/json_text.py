"""JSON text made by the database: how each dialect writes values, objects and lists.

PostgreSQL's own `json_build_object` takes twice as long as putting the text together, and writes instants in another
way than `times.format_instant`, whose counterpart is here.
"""

import base64
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

type Text = sa.ColumnElement[str]

type Parts = tuple[Text | str, ...]
"""What makes a text when it is put together; a `str` stands for itself, and needs no escaping in SQL."""

_MOST_ARGUMENTS: Final = 50
"""A function of PostgreSQL takes 100."""

_NULL: Final = sa.literal_column("'null'", sa.Text)
_COMMA: Final = sa.literal_column("','", sa.Text)
_LINE_BREAK: Final = sa.literal_column("'\n'", sa.Text)
_MARK: Final = "\t"
"""Around what is yet to be encoded; within strings JSON escapes it."""

_UUID_GROUPS: Final = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


def finished(text: str) -> str:
    """Encode what SQLite, which cannot, has marked.

    A function of ours would be called from SQLite's thread for each row, and wait for the interpreter each time.
    """
    if _MARK not in text:
        return text
    parts = text.split(_MARK)
    parts[1::2] = map(_base64url, parts[1::2])
    return "".join(parts)


class JSONText:
    """Writes JSON in the words of a dialect."""

    def __init__(self, dialect: str) -> None:
        self._is_sqlite = dialect == "sqlite"

    def joined(self, parts: Parts) -> Text:
        """Put parts together."""
        return self._joined([_literal(part) if isinstance(part, str) else part for part in _merged(parts)])

    def object(self, members: Iterable[tuple[str, Parts]]) -> Parts:
        """Write an object; the names of its members need no escaping."""
        parts: list[Text | str] = []
        for name, value in members:
            parts += [f'{"," if parts else "{"}"{name}":', *value]
        return (*parts, "}")

    def list(
        self, item: Parts, *, order: Sequence[sa.ColumnElement[Any]], where: sa.ColumnElement[bool] | None = None
    ) -> Parts:
        """Write the rows that a condition holds for; they come in this order already."""
        joined = self._aggregated(item, _COMMA, *order)
        shown = joined if where is None else joined.filter(where)
        return ("[", sa.func.coalesce(shown, _literal(""), type_=sa.Text), "]")

    def lines(self, item: Parts, *, order: Sequence[sa.ColumnElement[Any]]) -> Text:
        """Write each row into a line, as no JSON made here has one in it; they come in this order already.

        NULL where there is no row.
        """
        return self._aggregated(item, _LINE_BREAK, *order)

    def string(self, text: sa.ColumnElement[Any]) -> Parts:
        """Write a text, whatever it holds; null for NULL."""
        if self._is_sqlite:
            return (sa.func.json_quote(text, type_=sa.Text),)
        return (sa.func.coalesce(sa.cast(sa.func.to_json(text), sa.Text), _NULL, type_=sa.Text),)

    def boolean(self, condition: sa.ColumnElement[bool]) -> Parts:
        """Write whether a condition holds; false where nobody knows."""
        return (sa.case((condition, _literal("true")), else_=_literal("false")),)

    def or_null(self, column: sa.ColumnElement[Any], value: Parts) -> Parts:
        """Write a value where the column has one, null elsewhere."""
        return self.either(column, value, ("null",))

    def either(self, column: sa.ColumnElement[Any], value: Parts, otherwise: Parts) -> Parts:
        """Write a value where the column has one, another one elsewhere."""
        return (sa.case((column.is_not(None), self.joined(value)), else_=self.joined(otherwise)),)

    def identifier(self, todo_id: sa.ColumnElement[Any]) -> Parts:
        """Write a UUID as `str` does."""
        if not self._is_sqlite:
            return (sa.cast(todo_id, sa.Text),)
        digits = sa.type_coerce(todo_id, sa.Text)
        groups = [sa.func.substr(digits, *map(_integer, group), type_=sa.Text) for group in _UUID_GROUPS]
        return (groups[0], *(part for group in groups[1:] for part in ("-", group)))

    def date(self, date: sa.ColumnElement[Any]) -> Parts:
        """Write a date as its `isoformat` does."""
        if self._is_sqlite:
            return (sa.type_coerce(date, sa.Text),)
        return (_finite(date, _to_char(date, "YYYY-MM-DD"), "0001-01-01", "9999-12-31"),)

    def instant(self, instant: sa.ColumnElement[Any]) -> Parts:
        """Write an instant as `times.format_instant` does."""
        text = self.joined(self.precise_instant(instant))
        return (_replace(_replace(text, ".000000+00:00", "Z"), "+00:00", "Z"),)

    def precise_instant(self, instant: sa.ColumnElement[Any]) -> Parts:
        """Write an instant in UTC, to the microsecond, with its offset."""
        if self._is_sqlite:
            return (sa.type_coerce(instant, sa.Text),)
        utc = instant.op("AT TIME ZONE", return_type=sa.DateTime())(_literal("UTC"))
        text = _to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.US')
        return (_finite(instant, text, "0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.999999"), "+00:00")

    def base64url(self, text: Parts) -> Parts:
        """Encode a text of ASCII (RFC 4648 section 5), without padding; on SQLite `finished` does."""
        if self._is_sqlite:
            return (_MARK, *text, _MARK)
        encoded = sa.func.encode(sa.func.convert_to(self.joined(text), _literal("UTF8")), _literal("base64"))
        # PostgreSQL breaks what it encodes into lines. Its `translate` takes three times as long as all of this.
        in_line = sa.func.replace(encoded, sa.literal_column("E'\\n'"), _literal(""), type_=sa.Text)
        return (sa.func.rtrim(_replace(_replace(in_line, "+", "-"), "/", "_"), _literal("="), type_=sa.Text),)

    def _aggregated(self, item: Parts, separator: Text, *order: sa.ColumnElement[Any]) -> sa.Function[str]:
        text = self.joined(item)
        if self._is_sqlite:
            return sa.func.group_concat(text, separator, type_=sa.Text)
        return sa.func.string_agg(text, aggregate_order_by(separator, *order), type_=sa.Text)

    def _joined(self, texts: Sequence[Text]) -> Text:
        if len(texts) == 1:
            return texts[0]
        if not self._is_sqlite and len(texts) <= _MOST_ARGUMENTS:
            return sa.func.concat(*texts, type_=sa.Text)
        # In halves: a row of operators would be nested as deep as it is long.
        middle = len(texts) // 2
        return self._joined(texts[:middle]).concat(self._joined(texts[middle:]))


def _merged(parts: Parts) -> list[Text | str]:
    """Make one of what stands for itself side by side."""
    merged: list[Text | str] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        else:
            merged.append(part)
    return merged


def _literal(text: str) -> Text:
    if "'" in text or "\\" in text:
        raise ValueError("This text would have to be escaped.")
    return sa.literal_column(f"'{text}'", sa.Text)


def _integer(number: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(number), sa.Integer)


def _replace(text: Text, old: str, new: str) -> Text:
    return sa.func.replace(text, _literal(old), _literal(new), type_=sa.Text)


def _to_char(value: sa.ColumnElement[Any], pattern: str) -> Text:
    return sa.func.to_char(value, _literal(pattern), type_=sa.Text)


def _finite(value: sa.ColumnElement[Any], text: Text, first: str, last: str) -> Text:
    """Write what the driver has stored as infinity: the first and the last value that Python has."""
    bounds = ((_literal("infinity"), _literal(last)), (_literal("-infinity"), _literal(first)))
    return sa.case(*((value == infinity, bound) for infinity, bound in bounds), else_=text)


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
