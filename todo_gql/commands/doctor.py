"""`todo-gql doctor`: look at everything that the service needs, and say what to do where something is missing."""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator

from todo_gql.commands.environment import database_url
from todo_gql.commands.examination import (
    Exposure,
    Finding,
    examine_collector,
    examine_database,
    examine_exposure,
    examine_issuer,
    examine_port,
    examine_transport,
)
from todo_gql.commands.failures import bad_url
from todo_gql.database import DatabaseURLError
from todo_gql.settings import Settings, SettingsError, load_settings, unknown_variables


def run(_: argparse.Namespace) -> int:
    """Run the command; it fails when there is a problem."""
    return asyncio.run(_examine())


async def _examine() -> int:
    is_healthy = True
    async for finding in _findings():
        print(finding)
        is_healthy = is_healthy and finding.mark != "problem"
    return 0 if is_healthy else 1


async def _findings() -> AsyncIterator[Finding]:
    for sentence in unknown_variables():
        yield Finding("note", "settings", sentence)
    try:
        settings = load_settings()
        url = database_url(settings)
    except SettingsError as error:
        for sentence in error.sentences:
            yield Finding("problem", "settings", sentence)
        return
    except DatabaseURLError as error:
        yield Finding("problem", "settings", bad_url(error))
        return
    yield Finding("ok", "settings", "Every value can be used.")
    async for finding in examine_database(url, settings.owners_role):
        yield finding
    yield await examine_collector(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))
    if settings.auth_issuer is not None:
        yield await examine_issuer(settings.auth_issuer)
    yield examine_port(settings.host, settings.port)
    for finding in (*examine_transport(url), *examine_exposure(_exposure(settings))):
        yield finding


def _exposure(settings: Settings) -> Exposure:
    return Exposure(
        host=settings.host,
        authenticates=settings.auth_issuer is not None,
        allowed_hosts=settings.allowed_hosts,
        cors_origins=settings.cors_origins,
        trusted_proxies=settings.trusted_proxies,
        is_rate_limited=settings.rate_limit is not None,
        explains=settings.explain,
        injects_faults=settings.fault_injection,
        has_explorer=settings.explorer,
    )
