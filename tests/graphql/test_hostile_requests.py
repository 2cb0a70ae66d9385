"""Hostile requests are refused or answered with bounded work, and leave the service as it was."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from graphql import GraphQLError, parse

from tests import loopback
from tests.graphql.hostile import HostileRequest, hostile_requests
from tests.process import Service, serving
from todo_gql.graphql.limits import DocumentLimits, check_limits

REQUESTS = list(hostile_requests())
LIMITS = DocumentLimits(max_tokens=2000, max_depth=15, max_aliases=30, max_fields=200, max_directives=20)
MIB = 2**20


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("hostile")) as service:
        yield service


def resident_bytes(service: Service) -> int:
    return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(service.pid)])) * 1024


def send(service: Service, request: HostileRequest) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    answer = loopback.post(f"{service.url}/graphql", content=request.body(), headers=headers, timeout=60)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def send_all(service: Service) -> None:
    for request in REQUESTS:
        send(service, request)


@pytest.mark.process
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.name)
def test_it_is_refused_or_answered(service: Service, request_: HostileRequest) -> None:
    body = send(service, request_)

    assert body.get("errors", [{}])[0].get("extensions", {}).get("code") == request_.code
    assert loopback.get(f"{service.url}/livez").status_code == 200


@pytest.mark.process
def test_they_leave_no_memory_behind(service: Service) -> None:
    # Caches fill up, and the allocator spreads out, in the first rounds; a round has 9 MB.
    for _ in range(6):
        send_all(service)
    before = resident_bytes(service)

    for _ in range(4):
        send_all(service)

    assert resident_bytes(service) - before < 32 * MIB


@contextmanager
def counted_calls() -> Iterator[list[str]]:
    called: list[str] = []

    def on_event(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.append(frame.f_code.co_name)

    sys.setprofile(on_event)
    try:
        yield called
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.name)
def test_no_node_is_measured_twice(request_: HostileRequest) -> None:
    try:
        document = parse(request_.query, max_tokens=LIMITS.max_tokens)
    except GraphQLError:
        return

    with counted_calls() as called:
        check_limits(document, LIMITS)

    # A selection has one token at least.
    assert called.count("_selection") <= LIMITS.max_tokens
    assert len(called) < 20 * LIMITS.max_tokens
