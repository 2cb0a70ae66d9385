"""Values that the service makes up: those of a page stand for those of the service that it is tried on."""

import re
from typing import Any, Final

_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OPAQUE: Final = r"[\w=.-]{8,}"

# What is made up is the group of each pattern. Names in camel case are GraphQL's, others those of REST and of headers.
_MADE_UP: Final = {
    re.compile(name): re.compile(value)
    for name, value in {
        r"id|todoId|depends_on|dependencies": f"({_UUID})",
        r"at|\w+At|\w+_at|restorableUntil": f"({_TIME})",
        r"syncToken|cursor|startCursor|endCursor": f"({_OPAQUE})",
        r"traceId": r"([0-9a-f]{32})",
        r"version": r"([0-9]+\.[0-9]+\.[0-9]+)",
        r"location|instance": f"/todos/({_UUID})",
        r"etag": r'(W/"[^"]+")',
        r"link": rf'</todos\?limit=[0-9]+&cursor=({_OPAQUE})>; rel="next", </graphql>; rel="successor-version"',
    }.items()
}


class Values:
    """Knows what each made-up value of a page stands for, once an answer has told."""

    def __init__(self) -> None:
        self._meant: dict[str, str] = {}

    def mean(self, text: str) -> str:
        """Put what is meant into a request that was copied from the page; ids that are new there are the caller's."""
        for todo_id in re.findall(_UUID, text):
            self._meant.setdefault(todo_id, todo_id)
        for shown, meant in self._meant.items():
            text = text.replace(shown, meant)
        return text

    def expect(self, shown: Any, answered: Any, name: str = "") -> Any:
        """Give the answer that the page shows, with the values that only the service could make up.

        A value that the page shows twice stands for the same one both times.
        """
        match shown, answered:
            case dict(), dict():
                return {key: self.expect(value, answered.get(key), key) for key, value in shown.items()}
            case list(), list() if len(shown) == len(answered):
                return [self.expect(*pair, name) for pair in zip(shown, answered, strict=True)]
            case str(), str():
                return self._expect_text(shown, answered, name)
            case _:
                return shown

    def _expect_text(self, shown: str, answered: str, name: str) -> str:
        for names, pattern in _MADE_UP.items():
            if names.fullmatch(name):
                of_page, of_service = pattern.fullmatch(shown), pattern.fullmatch(answered)
                if of_page and of_service:
                    meant = self._meant.setdefault(of_page[1], of_service[1])
                    return shown.replace(of_page[1], meant)
        return shown
