"""Probes: whether the process is alive, and whether it can do its work."""

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from todo_gql.asgi.drain import Drain
from todo_gql.database import Database, DatabaseUnavailable
from todo_gql.database.migrations import revision_status

DEADLINE_S: Final = 2
"""How long the database has for its answer: shorter than the time-out of a probe should be."""

PROBES: Final = frozenset({"/livez", "/readyz"})
"""Their paths: answered however many other requests there are."""

_HEADERS: Final = {"Cache-Control": "no-store"}


def health_routes(database: Database, drain: Drain) -> list[BaseRoute]:
    """Make the routes of the probes.

    `/livez` asks nobody, so that a database that is away restarts no process. `/readyz` asks the database for the
    revision of its tables. Newer tables than this version knows are no reason to stop: while a new version is rolled
    out its migration has run, and the processes of the old one must serve until the new ones do. A process that is
    stopping is not ready, although it answers what still arrives.
    """

    async def ready(_: Request) -> Response:
        if drain.has_begun:
            return _unready("drain", "The service is stopping: send requests elsewhere.")
        try:
            async with asyncio.timeout(DEADLINE_S):
                status = await revision_status(database)
        except (DatabaseUnavailable, TimeoutError):
            return _unready("database", "The database does not answer: see that it runs and can be reached.")
        if not status.is_enough:
            return _unready("migrations", str(status))
        body = {"status": "ready", "checks": {"database": "ok", "migrations": str(status)}}
        return JSONResponse(body, headers=_HEADERS)

    return [Route("/livez", _live), Route("/readyz", ready)]


async def _live(_: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=_HEADERS)


def _unready(check: str, advice: str) -> Response:
    body = {"status": "unready", "checks": {check: advice}}
    return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE, _HEADERS)
