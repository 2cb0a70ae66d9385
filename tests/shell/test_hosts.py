"""The names under which the service answers."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.graphql.subscriptions.web_socket import opened
from tests.shell.conftest import Serve

NAMES = "todo.example.com, *.example.org, 2001:db8::1, 127.0.0.1"


@pytest.mark.parametrize(
    "host",
    [
        "todo.example.com",
        "TODO.example.com:8443",
        "a.example.org",
        "a.b.example.org:80",
        "[2001:DB8::1]:8082",
        "127.0.0.1",
    ],
)
async def test_a_request_for_a_name_of_the_service_is_answered(serve: Serve, host: str) -> None:
    async with serve(allowed_hosts=NAMES) as client:
        response = await client.get("/todos", headers={"Host": host})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "example.com",
        "todo.example.com.evil.example",
        "eviltodo.example.com",
        "example.org",
        "evilexample.org",
        "todo.example.com@evil.example",
        "evil.example#todo.example.com",
        "[2001:db8::2]",
        "[",
        "",
    ],
)
async def test_a_request_for_any_other_name_is_refused(serve: Serve, host: str) -> None:
    async with serve(allowed_hosts=NAMES) as client:
        paths = ("/todos", "/graphql", "/docs", "/openapi.json")
        responses = [await client.get(path, headers={"Host": host}) for path in paths]

    assert [response.status_code for response in responses] == [400] * 4
    assert all("BAD_REQUEST" in response.text for response in responses)
    assert not any("todo.example.com" in response.text for response in responses)


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_probes_are_answered_under_any_name(serve: Serve, path: str) -> None:
    async with serve(allowed_hosts=NAMES) as client:
        response = await client.get(path, headers={"Host": "10.1.2.3:8082"})

    assert response.status_code == 200


async def test_no_socket_is_opened_under_another_name(serve: Serve) -> None:
    # What a browser sends whose page was made to lead here: to itself it is of the same origin.
    page = {"Host": "evil.example", "Origin": "http://evil.example"}

    async with serve(allowed_hosts=NAMES) as client:
        with pytest.raises(InvalidStatus) as refused:
            async with opened(client, additional_headers=page):
                pass
        async with opened(client):
            pass

    assert refused.value.response.status_code == 400


async def test_without_the_setting_any_name_will_do(client: httpx.AsyncClient) -> None:
    response = await client.get("/todos", headers={"Host": "evil.example"})

    assert response.status_code == 200
