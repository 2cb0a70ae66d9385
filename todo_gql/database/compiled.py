"""Statements of SQLAlchemy Core as text and values for the driver.

SQLAlchemy does the same when it executes a statement; a few of the names that it uses for it are not public.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Executable
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.util import LRUCache

_KEPT_SHAPES: Final = 500

type MakeRow = Callable[[Any], Any]
# Whether it is repeated, and for which columns or placeholders it gets values.
type _Way = tuple[bool, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement for the driver: its text, the values of its placeholders, and what makes a row of a record."""

    text: str
    values: Sequence[Any]
    make_row: MakeRow


class Compiler:
    """Compiles statements for a dialect whose placeholders go by their position.

    A statement that takes parameters is meant to be run again and again: it is compiled once, for as long as it is
    there. Of the others, which are made anew each time, those of the same shape are compiled once.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._constant: WeakKeyDictionary[Executable, dict[_Way, _Compiled]] = WeakKeyDictionary()
        self._made: LRUCache[Any, Any] = LRUCache(_KEPT_SHAPES)
        self._made_rows: WeakKeyDictionary[SQLCompiler, _Compiled] = WeakKeyDictionary()

    def ready(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Ready:
        """Make a statement ready to be run once."""
        if parameters is None:
            return self._ready_made(statement)
        return self._compiled(statement, tuple(parameters), is_repeated=False).ready(parameters, None)

    def ready_to_repeat(self, statement: Executable, parameters: Sequence[Mapping[str, Any]]) -> list[Ready]:
        """Make a statement ready to be run for each of the parameters; it gives nothing."""
        compiled = self._compiled(statement, tuple(parameters[0]), is_repeated=True)
        return [compiled.ready(each, None) for each in parameters]

    def _compiled(self, statement: Executable, names: tuple[str, ...], *, is_repeated: bool) -> "_Compiled":
        ways = self._constant.setdefault(statement, {})
        way = (is_repeated, names)
        if way not in ways:
            element = cast("ClauseElement", statement)
            # SQLAlchemy has an insertion give its key, unless it is told that it is one of many.
            compiled = element.compile(dialect=self._dialect, column_keys=list(names), for_executemany=is_repeated)
            ways[way] = _Compiled(cast("SQLCompiler", compiled), self._dialect)
        return ways[way]

    def _ready_made(self, statement: Executable) -> Ready:
        compiled, extracted, _ = cast("Any", statement)._compile_w_cache(  # noqa: SLF001
            self._dialect, compiled_cache=self._made, column_keys=[]
        )
        if compiled not in self._made_rows:
            self._made_rows[compiled] = _Compiled(compiled, self._dialect)
        return self._made_rows[compiled].ready(None, extracted)


class _Compiled:
    """A statement that was compiled, and what turns values for it, and rows of it, into what the other side takes."""

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        self._compiled: Any = compiled
        self._make_row = _row_maker(compiled, dialect)
        self._has_lists = bool(compiled.post_compile_params or compiled.literal_execute_params)

    def ready(self, parameters: Mapping[str, Any] | None, extracted: Any) -> Ready:
        compiled = self._compiled
        values = compiled.construct_params(parameters, extracted_parameters=extracted, escape_names=False)
        text, order, processors = compiled.string, compiled.positiontup, compiled._bind_processors  # noqa: SLF001
        if self._has_lists:
            # Each becomes as many placeholders as it has values.
            expanded = compiled._process_parameters_for_postcompile(values)  # noqa: SLF001
            text, order = expanded.statement, expanded.positiontup
            values = {**values, **expanded.additional_parameters}
            processors = {**processors, **expanded.processors}
        bound = [processors[name](values[name]) if name in processors else values[name] for name in order]
        return Ready(text, bound, self._make_row)


def _row_maker(compiled: SQLCompiler, dialect: Dialect) -> MakeRow:
    columns = compiled._result_columns  # noqa: SLF001
    if not columns:
        # A text that was written by hand.
        return lambda record: record
    # Names that Python does not allow, or that are there twice, are reached by their place.
    kind: Any = namedtuple("Row", [column.keyname for column in columns], rename=True)  # type: ignore[misc]
    make: MakeRow = kind._make
    readers = [column.type._cached_result_processor(dialect, None) for column in columns]  # noqa: SLF001
    if not any(readers):
        return make
    return lambda record: make(
        value if read is None else read(value) for read, value in zip(readers, record, strict=True)
    )
