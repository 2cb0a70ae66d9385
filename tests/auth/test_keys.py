"""The issuer's keys: found by discovery, rotated, withdrawn, and kept while the issuer is away."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from tests.auth.issuer import RunningIssuer, SigningKey
from tests.tools.clock import Clock
from todo_gql.auth.issuer import IssuerError, ask_for_keys
from todo_gql.auth.keys import MAX_AGE_S, MIN_INTERVAL_S, MIN_INTERVAL_WITHOUT_KEYS_S, KeyCache, UnknownKey
from todo_gql.todos.problems import IssuerUnavailable

CONFIGURATION = "/.well-known/openid-configuration"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(issuer: RunningIssuer, clock: Clock) -> KeyCache:
    return KeyCache(issuer.url, clock)


async def has(keys: KeyCache, key: SigningKey) -> bool:
    """Say whether a key is found; raise IssuerUnavailable when nobody knows."""
    try:
        await keys.find(key.kid, key.algorithm)
    except UnknownKey:
        return False
    return True


async def answered(keys: KeyCache) -> None:
    """Wait for the question that is under way, to an issuer that is away."""
    with pytest.raises(IssuerUnavailable):
        await keys.find("unknown", "RS256")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_a_key_is_found_by_its_id(algorithm: str, keys: KeyCache, issuer: RunningIssuer) -> None:
    key = issuer.rotate(algorithm)

    found = await keys.find(key.kid, algorithm)

    assert found.algorithm_name == algorithm
    assert issuer.asked == [CONFIGURATION, "/keys"]


async def test_the_path_of_an_issuer_comes_before_the_well_known_one(issuer: RunningIssuer) -> None:
    for path in ("/realms/todos", "/tenant/"):
        url = issuer.url + path
        issuer.answers[path.rstrip("/") + CONFIGURATION] = JSONResponse({"issuer": url, "jwks_uri": f"{issuer.url}/k"})

        assert await ask_for_keys(url)

    assert issuer.asked == ["/realms/todos" + CONFIGURATION, "/k", "/tenant" + CONFIGURATION, "/k"]


async def test_keys_are_asked_for_once_for_all_who_wait(keys: KeyCache, issuer: RunningIssuer) -> None:
    found = await asyncio.gather(*(has(keys, issuer.key) for _ in range(50)))

    assert all(found)
    assert len(issuer.asked) == 2


async def test_one_who_leaves_takes_the_keys_from_nobody(keys: KeyCache, issuer: RunningIssuer) -> None:
    issuer.slow = asyncio.Event()
    waiting = [asyncio.create_task(has(keys, issuer.key)) for _ in range(2)]
    while not issuer.asked:  # noqa: ASYNC110  # Until the question has arrived.
        await asyncio.sleep(0.01)

    waiting[0].cancel()
    issuer.slow.set()

    assert await waiting[1]
    assert len(issuer.asked) == 2


async def test_a_new_key_is_found_when_a_token_names_it(keys: KeyCache, issuer: RunningIssuer, clock: Clock) -> None:
    assert await has(keys, issuer.key)
    old, new = issuer.key, issuer.rotate()
    clock.now += MIN_INTERVAL_S

    assert await has(keys, new)
    assert await has(keys, old)
    assert len(issuer.asked) == 4


async def test_made_up_ids_have_the_issuer_asked_every_half_minute_at_most(
    keys: KeyCache, issuer: RunningIssuer, clock: Clock
) -> None:
    assert await has(keys, issuer.key)
    stranger = SigningKey("ES256")

    for _ in range(10):
        assert not await has(keys, stranger)
    assert len(issuer.asked) == 2

    clock.now += MIN_INTERVAL_S
    for _ in range(10):
        assert not await has(keys, stranger)
    assert len(issuer.asked) == 4


async def test_a_withdrawn_key_is_soon_no_key(keys: KeyCache, issuer: RunningIssuer, clock: Clock) -> None:
    withdrawn = issuer.key
    assert await has(keys, withdrawn)
    issuer.rotate(keep=False)

    assert await has(keys, withdrawn)
    clock.now += MAX_AGE_S

    assert not await has(keys, withdrawn)


async def test_known_keys_serve_while_the_issuer_is_away(keys: KeyCache, issuer: RunningIssuer, clock: Clock) -> None:
    known = issuer.key
    assert await has(keys, known)
    await issuer.go_away()

    clock.now += 10 * MAX_AGE_S
    assert await has(keys, known)
    clock.now += MIN_INTERVAL_S
    assert await has(keys, known)

    await answered(keys)
    await issuer.come()


async def test_who_waits_for_keys_that_are_known_waits_for_no_issuer_twice(
    keys: KeyCache, issuer: RunningIssuer, clock: Clock
) -> None:
    known = issuer.key
    assert await has(keys, known)
    issuer.answers[CONFIGURATION] = PlainTextResponse("", 500)
    clock.now += MAX_AGE_S
    assert await has(keys, known)
    issuer.slow = asyncio.Event()
    clock.now += MIN_INTERVAL_S

    async with asyncio.timeout(1):
        assert await has(keys, known)

    issuer.slow.set()
    await answered(keys)


async def test_an_issuer_that_comes_back_is_asked_for_what_was_withdrawn(
    keys: KeyCache, issuer: RunningIssuer, clock: Clock
) -> None:
    withdrawn = issuer.key
    assert await has(keys, withdrawn)
    issuer.answers[CONFIGURATION] = PlainTextResponse("", 500)
    clock.now += MAX_AGE_S
    assert await has(keys, withdrawn)
    issuer.answers.clear()
    new = issuer.rotate(keep=False)
    clock.now += MIN_INTERVAL_S

    assert await has(keys, new)
    assert not await has(keys, withdrawn)


async def test_nobody_knows_an_unknown_key_while_the_issuer_is_away(
    keys: KeyCache, issuer: RunningIssuer, clock: Clock
) -> None:
    assert await has(keys, issuer.key)
    await issuer.go_away()
    clock.now += MIN_INTERVAL_S

    with pytest.raises(IssuerUnavailable):
        await keys.find("new", "RS256")
    with pytest.raises(IssuerUnavailable):
        await keys.find("newer", "RS256")

    await issuer.come()


async def test_an_issuer_that_was_away_at_first_is_found_when_it_comes(
    keys: KeyCache, issuer: RunningIssuer, clock: Clock
) -> None:
    await issuer.go_away()
    with pytest.raises(IssuerUnavailable):
        await keys.find(issuer.key.kid, "RS256")
    await issuer.come()

    with pytest.raises(IssuerUnavailable):
        await keys.find(issuer.key.kid, "RS256")
    clock.now += MIN_INTERVAL_WITHOUT_KEYS_S

    assert await has(keys, issuer.key)


async def test_the_keys_are_asked_for_before_a_token_comes(keys: KeyCache, issuer: RunningIssuer) -> None:
    async with keys.running():
        assert await has(keys, issuer.key)

    assert len(issuer.asked) == 2


async def test_a_service_that_stops_waits_for_no_issuer(keys: KeyCache, issuer: RunningIssuer) -> None:
    issuer.slow = asyncio.Event()

    async with asyncio.timeout(1), keys.running():
        await asyncio.sleep(0)


async def long() -> AsyncIterator[bytes]:
    """Send a body whose length is not declared; uvicorn does not tell when nobody reads it any more."""
    yield b'{"issuer": "'
    for _ in range(20):
        yield b"x" * 65_536


def gzipped(content: bytes) -> Response:
    return Response(content, headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(PlainTextResponse("no", 500), "answers 500", id="a failure"),
        pytest.param(PlainTextResponse("no", 404), "answers 404", id="nothing"),
        pytest.param(RedirectResponse("https://example.com"), "answers 307", id="a redirection"),
        pytest.param(PlainTextResponse("<html>"), "does not answer JSON", id="a page"),
        pytest.param(PlainTextResponse("[" * 100_000), "does not answer JSON", id="nested without end"),
        pytest.param(Response(b"\xff"), "does not answer JSON", id="no UTF-8"),
        pytest.param(gzipped(b"\x1f\x8b"), "does not answer JSON", id="compressed although it was told not to"),
        pytest.param(JSONResponse([]), "does not answer a JSON object", id="a list"),
        pytest.param(StreamingResponse(long()), "answers more than 524288 bytes", id="too long"),
        pytest.param(JSONResponse({}), "is of another issuer, None", id="an empty object"),
        pytest.param(JSONResponse({"issuer": "https://example.com"}), "is of another issuer", id="of another issuer"),
        pytest.param(
            JSONResponse({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}),
            "is of another issuer",
            id="of no tenant of Entra in particular",
        ),
    ],
)
async def test_a_wrong_description_is_refused(answer: Response, said: str, issuer: RunningIssuer) -> None:
    issuer.answers[CONFIGURATION] = answer

    with pytest.raises(IssuerError, match=said):
        await ask_for_keys(issuer.url)


@pytest.mark.parametrize(
    "jwks_uri", [None, 5, "", "keys", "file:///etc/passwd", "https://127.0.0.1:1/keys", "http://", "http://127.0.0.1:1"]
)
async def test_keys_at_an_unusable_address_are_refused(jwks_uri: object, issuer: RunningIssuer) -> None:
    issuer.description["jwks_uri"] = jwks_uri

    with pytest.raises(IssuerError):
        await ask_for_keys(issuer.url)


def published(**others: Any) -> dict[str, Any]:
    return SigningKey(**others).jwk


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({}, id="no list"),
        pytest.param({"keys": {}}, id="an object"),
        pytest.param({"keys": []}, id="an empty list"),
        pytest.param({"keys": [5, None, "key", []]}, id="no keys in it"),
        pytest.param({"keys": [{"kty": "RSA"}]}, id="a key without an id"),
        pytest.param({"keys": [{"kty": "RSA", "kid": "1"}]}, id="a key without numbers"),
        pytest.param({"keys": [{"kty": "RSA", "kid": "1", "n": "!!", "e": "AQAB"}]}, id="no base64"),
        pytest.param({"keys": [{"kty": "RSA", "kid": "1", "n": 5, "e": 3}]}, id="numbers that are numbers"),
        pytest.param({"keys": [{"kty": "RSA", "kid": "1", "n": "", "e": ""}]}, id="numbers that are empty"),
        pytest.param({"keys": [{"kty": "EC", "kid": "1", "crv": "P-256", "x": "AA", "y": "AA"}]}, id="no point"),
        pytest.param({"keys": [{"kty": "oct", "kid": "1", "k": "c2VjcmV0"}]}, id="a secret"),
        pytest.param({"keys": [{"kty": "OKP", "kid": "1", "crv": "Ed25519", "x": "AA"}]}, id="another kind"),
        pytest.param({"keys": [published(use="enc")]}, id="a key to encrypt with"),
        pytest.param({"keys": [published(alg="RS512")]}, id="a key of another algorithm"),
        pytest.param({"keys": [{**published(algorithm="ES256"), "crv": "P-384"}]}, id="a key on another curve"),
    ],
)
async def test_an_issuer_without_usable_keys_is_as_good_as_away(document: object, issuer: RunningIssuer) -> None:
    issuer.answers["/keys"] = JSONResponse(document)

    with pytest.raises(IssuerError):
        await ask_for_keys(issuer.url)


async def test_keys_that_cannot_be_used_hide_none_of_the_others(issuer: RunningIssuer) -> None:
    issuer.answers["/keys"] = JSONResponse({"keys": [{"kty": "oct", "kid": "1", "k": "AA"}, 5, issuer.key.jwk]})

    keys = await ask_for_keys(issuer.url)

    assert set(keys) == {(issuer.key.kid, "RS256")}


async def test_keys_as_entra_publishes_them_are_read(issuer: RunningIssuer) -> None:
    jwk = {name: value for name, value in issuer.key.jwk.items() if name != "alg"}
    jwk |= {"x5t": issuer.key.kid, "x5c": ["MIIC..."], "issuer": issuer.url, "cloud_instance_name": "example.com"}
    issuer.answers["/keys"] = JSONResponse({"keys": [jwk]})

    keys = await ask_for_keys(issuer.url)

    assert set(keys) == {(issuer.key.kid, "RS256")}


async def test_an_issuer_that_does_not_answer_is_given_up(
    issuer: RunningIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("todo_gql.auth.issuer.TIMEOUT_S", 0.2)
    issuer.slow = asyncio.Event()

    with pytest.raises(IssuerError, match=r"has not answered within 0\.2 s"):
        await ask_for_keys(issuer.url)


async def test_an_issuer_without_a_certificate_is_not_believed(issuer: RunningIssuer) -> None:
    assert ssl.HAS_TLSv1_3

    with pytest.raises(IssuerError, match="cannot be read: ConnectError"):
        await ask_for_keys(issuer.url.replace("http://", "https://"))


async def test_the_log_says_why_there_are_no_keys(
    keys: KeyCache, issuer: RunningIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.answers[CONFIGURATION] = PlainTextResponse("no", 500)

    with caplog.at_level(logging.WARNING, "todo_gql"), pytest.raises(IssuerUnavailable):
        await keys.find("1", "RS256")

    assert caplog.messages == [f"The keys of tokens cannot be had: {issuer.url}{CONFIGURATION} answers 500."]
