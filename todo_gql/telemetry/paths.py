"""What may be told of a path: its route, and ids. Anything else in it was typed by someone."""

import re
from collections.abc import Sequence
from typing import Final

from starlette.routing import BaseRoute, Route

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class RouteNames:
    """Finds the route of a path, as it is written in the code: `/todos/{id}`."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        known = [route for route in routes if isinstance(route, Route)]
        self._exact = {route.path for route in known if not route.param_convertors}
        self._patterns = [(route.path_regex, route.path) for route in known if route.param_convertors]

    def find(self, path: str) -> str | None:
        """Name the route of a path; None where there is none."""
        if path in self._exact:
            return path
        return next((name for pattern, name in self._patterns if pattern.match(path)), None)

    def tell(self, path: str) -> str:
        """Write a path for a log line: whole where its parameters are ids, otherwise its route, or `(no route)`."""
        route = self.find(path)
        if route == path:
            return path
        if route is None:
            return "(no route)"
        asked, named = path.split("/"), route.split("/")
        typed = [part for part, name in zip(asked, named, strict=False) if part != name]
        return path if all(_ID.fullmatch(part) for part in typed) else route
