"""Take an export apart into batches of lines, checked for what can be seen without a database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from todo_gql.todos.archive.lines import ArchivedDependencies, ArchivedTodo, Head, Line
from todo_gql.todos.archive.parsing import BadLine, read_line

MAX_LINE_BYTES: Final = 16 * 1024 * 1024

_MAX_LINES: Final = 500
_MAX_BYTES: Final = 256 * 1024
"""A transaction is over in tenths of a second, and its statements have fewer parameters than they can have."""


class Refused(Exception):
    """An export cannot be imported as it is; the message is for the person at the terminal."""

    @classmethod
    def line(cls, number: int, reason: BadLine) -> "Refused":
        """Refuse it for one line."""
        return cls(f"Line {number}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Lines to be put in together, and the number of the first."""

    first: int
    lines: Sequence[ArchivedTodo | ArchivedDependencies]

    @property
    def todos(self) -> Sequence[tuple[int, ArchivedTodo]]:
        """Give the todos, each with the number of its line."""
        return [(number, line) for number, line in self._numbered() if isinstance(line, ArchivedTodo)]

    @property
    def dependencies(self) -> Sequence[tuple[int, ArchivedDependencies]]:
        """Give the dependencies, likewise."""
        return [(number, line) for number, line in self._numbered() if isinstance(line, ArchivedDependencies)]

    def before(self, number: int) -> "Batch":
        """Give those that come before a line."""
        return Batch(first=self.first, lines=self.lines[: number - self.first])

    def _numbered(self) -> Iterator[tuple[int, ArchivedTodo | ArchivedDependencies]]:
        return enumerate(self.lines, start=self.first)


def read_head(texts: Iterator[bytes]) -> Head:
    """Read the first line. Raises Refused."""
    try:
        line = _read(next(texts, b""))
        if not isinstance(line, Head):
            raise BadLine('An export begins with the line "export": is this the whole file?')
    except BadLine as reason:
        raise Refused.line(1, reason) from None
    return line


def read_batches(texts: Iterator[bytes], head: Head) -> Iterator[Batch]:
    """Read what follows the first line. Raises Refused for a line that is bad, once those before it were given."""
    counts = _Counts()
    lines: list[ArchivedTodo | ArchivedDependencies] = []
    size = 0
    number = 1
    for number, text in enumerate(texts, start=2):
        try:
            line = counts.add(_read(text))
        except BadLine as reason:
            if lines:
                yield Batch(first=number - len(lines), lines=lines)
            raise Refused.line(number, reason) from None
        if lines and (len(lines) == _MAX_LINES or size + len(text) > _MAX_BYTES):
            yield Batch(first=number - len(lines), lines=lines)
            lines, size = [], 0
        lines.append(line)
        size += len(text)
    if lines:
        yield Batch(first=number + 1 - len(lines), lines=lines)
    counts.check(head)


class _Counts:
    """How many todos and dependencies there were so far."""

    def __init__(self) -> None:
        self._todos = 0
        self._dependencies = 0

    def add(self, line: Line) -> ArchivedTodo | ArchivedDependencies:
        """Count one, which must come in its place."""
        match line:
            case Head():
                raise BadLine('Only the first line is "export": import one file after the other.')
            case ArchivedTodo():
                if self._dependencies:
                    raise BadLine("The lines of todos come before those of dependencies: move it there.")
                self._todos += 1
            case ArchivedDependencies():
                self._dependencies += len(line.depends_on)
        return line

    def check(self, head: Head) -> None:
        """Raise Refused unless there were as many as the first line says."""
        if (self._todos, self._dependencies) != (head.todos, head.dependencies):
            raise Refused(
                f"The file has {self._todos} todos and {self._dependencies} dependencies, and its first line says "
                f"{head.todos} and {head.dependencies}: a part of it is missing, or was added."
            )


def _read(text: bytes) -> Line:
    if len(text) > MAX_LINE_BYTES:
        raise BadLine(f"It is longer than {MAX_LINE_BYTES} bytes: is it a line at all?")
    return read_line(text)
