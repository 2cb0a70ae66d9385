"""Tokens that someone has tampered with, and those of an issuer that makes mistakes: none is believed.

Each but the first group is signed by the issuer's own key, so that nothing but what its name says is wrong with it.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.auth.issuer import AUDIENCE, RunningIssuer, SigningKey, segment
from todo_gql.auth.keys import KeyCache
from todo_gql.auth.tokens import Tokens
from todo_gql.todos.problems import BadToken

type Make = Callable[[RunningIssuer], str]

PARTS = 3
STRANGER = SigningKey()


def written(issuer: RunningIssuer, header: dict[str, Any], signature: bytes = b"", **claims: Any) -> str:
    parts = [json.dumps({"kid": issuer.key.kid, **header}), json.dumps(issuer.claims(**claims))]
    return ".".join([*(segment(part.encode()) for part in parts), segment(signature)])


def signed_by_the_public_key(issuer: RunningIssuer) -> str:
    public = issuer.key.private.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = written(issuer, {"alg": "HS256", "typ": "JWT"}).rpartition(".")[0]
    return f"{head}.{segment(hmac.digest(secret, head.encode(), hashlib.sha256))}"


def with_its_own_key(issuer: RunningIssuer) -> str:
    public = {**STRANGER.jwk, "kid": issuer.key.kid}
    return issuer.make(key=STRANGER, headers={"kid": issuer.key.kid, "jwk": public})


def with_another_payload(issuer: RunningIssuer) -> str:
    header, _, signature = issuer.make().split(".")
    return f"{header}.{segment(json.dumps(issuer.claims(sub='root')).encode())}.{signature}"


def with_raw_claims(issuer: RunningIssuer, claims: str) -> str:
    return jwt.PyJWS().encode(claims.encode(), issuer.key.private, "RS256", {"kid": issuer.key.kid})  # type: ignore[arg-type]


def without(name: str) -> Make:
    return lambda issuer: issuer.make(**{name: None})


def claiming(**claims: Any) -> Make:
    """Sign claims of any type: PyJWT's own encoder would refuse some."""
    return lambda issuer: with_raw_claims(issuer, json.dumps(issuer.claims(**claims)))


def under(**headers: Any) -> Make:
    return lambda issuer: issuer.make(headers=headers)


FORGED: dict[str, Make] = {
    "alg none": lambda issuer: written(issuer, {"alg": "none"}),
    "alg None, with a signature": lambda issuer: written(issuer, {"alg": "None"}, b"x" * 256),
    "no alg": lambda issuer: written(issuer, {}, b"x" * 256),
    "alg is a list": lambda issuer: written(issuer, {"alg": ["RS256"]}, b"x" * 256),
    "alg is null": lambda issuer: written(issuer, {"alg": None}, b"x" * 256),
    "HS256 by the public key": signed_by_the_public_key,
    "signed by a stranger under the issuer's kid": lambda issuer: issuer.make(
        key=STRANGER, headers={"kid": issuer.key.kid}
    ),
    "signed by a stranger whose key is in it": with_its_own_key,
    "signed by a stranger whose keys are at jku": lambda issuer: issuer.make(
        key=STRANGER, headers={"kid": issuer.key.kid, "jku": "https://example.com/keys"}
    ),
    "signed by a stranger whose certificate is at x5u": lambda issuer: issuer.make(
        key=STRANGER, headers={"kid": issuer.key.kid, "x5u": "https://example.com/certificate"}
    ),
    "another payload": with_another_payload,
    "no signature": lambda issuer: issuer.make().rpartition(".")[0] + ".",
    "half of a signature": lambda issuer: issuer.make()[:-100],
    "PS256 by the right key": lambda issuer: jwt.encode(
        issuer.claims(),
        issuer.key.private,  # type: ignore[arg-type]
        "PS256",
        {"kid": issuer.key.kid},
    ),
    "RS512 by the right key": lambda issuer: jwt.encode(
        issuer.claims(),
        issuer.key.private,  # type: ignore[arg-type]
        "RS512",
        {"kid": issuer.key.kid},
    ),
    "ES256 in the header, RS256 in truth": lambda issuer: written(issuer, {"alg": "ES256"}, b"x" * 64),
}

HEADERS: dict[str, Make] = {
    "no kid": lambda issuer: jwt.encode(issuer.claims(), issuer.key.private, "RS256"),  # type: ignore[arg-type]
    "unknown kid": under(kid="unknown"),
    "empty kid": under(kid=""),
    "kid is a path": under(kid="../../../dev/null"),
    "unknown crit": under(crit=["exp"], exp=1),
    "b64 false": under(b64=False, crit=["b64"]),
}

CLAIMS: dict[str, Make] = {
    **{f"no {name}": without(name) for name in ("exp", "iss", "aud", "sub")},
    **{f"{name} is null": claiming(**{name: None}) for name in ("exp", "iss", "aud", "sub")},
    "exp is text": claiming(exp=str(int(time.time()) + 600)),
    "exp is true": claiming(exp=True),
    "exp is a list": claiming(exp=[9999999999]),
    "exp is an object": claiming(exp={}),
    "exp is negative": claiming(exp=-1),
    "exp is beyond every date": claiming(exp=10**12),
    "exp is beyond every float": claiming(exp=10**400),
    "exp is infinite": lambda issuer: with_raw_claims(
        issuer, json.dumps(issuer.claims()).replace('"exp":', '"exp": Infinity, "was":')
    ),
    "exp is not a number": lambda issuer: with_raw_claims(
        issuer, json.dumps(issuer.claims()).replace('"exp":', '"exp": NaN, "was":')
    ),
    "exp is written as 1e999": lambda issuer: with_raw_claims(
        issuer, json.dumps(issuer.claims()).replace('"exp":', '"exp": 1e999, "was":')
    ),
    "expired beyond the leeway": lambda issuer: issuer.make(exp=int(time.time()) - 31),
    "not valid yet": lambda issuer: issuer.make(nbf=int(time.time()) + 60),
    "issued in the future": lambda issuer: issuer.make(iat=int(time.time()) + 60),
    "nbf is text": claiming(nbf="0"),
    "iat is text": claiming(iat="0"),
    "nbf is true": claiming(nbf=True),
    "nbf is infinite": lambda issuer: with_raw_claims(
        issuer, json.dumps(issuer.claims()).replace('"nbf":', '"nbf": Infinity, "was":')
    ),
    "another iss": claiming(iss="https://example.com"),
    "iss with a slash more": lambda issuer: issuer.make(iss=f"{issuer.url}/"),
    "iss begins like ours": lambda issuer: issuer.make(iss=f"{issuer.url}.example.com"),
    "iss is a list": lambda issuer: with_raw_claims(issuer, json.dumps(issuer.claims(iss=[issuer.url]))),
    "another aud": claiming(aud="api://others"),
    "aud begins like ours": claiming(aud=f"{AUDIENCE}-2"),
    "aud in other letters": claiming(aud=AUDIENCE.upper()),
    "aud is an empty list": claiming(aud=[]),
    "aud is a list of others": claiming(aud=["api://others"]),
    "aud is an object": claiming(aud={AUDIENCE: True}),
    "aud is a list with a number": claiming(aud=[AUDIENCE, 5]),
    "sub is a number": claiming(sub=5),
    "sub is empty": claiming(sub=""),
    "sub is too long": claiming(sub="x" * 256),
    "sub has a line feed": claiming(sub="alice\nbob"),
    "sub has U+0000": claiming(sub="alice\0"),
    "sub has a lone surrogate": claiming(sub="alice\ud800"),
    "an ID token of Keycloak": claiming(typ="ID"),
    "claims are a list": lambda issuer: with_raw_claims(issuer, "[]"),
    "claims are a number": lambda issuer: with_raw_claims(issuer, "5"),
    "claims are no JSON": lambda issuer: with_raw_claims(issuer, "{"),
    "claims are nested without end": lambda issuer: with_raw_claims(issuer, "[" * 5000),
}

WRITTEN: dict[str, Make] = {
    "empty": lambda _: "",
    "a word": lambda _: "abc",
    "two dots": lambda _: "..",
    "two parts": lambda issuer: issuer.make().rpartition(".")[0],
    "four parts": lambda issuer: issuer.make() + ".x",
    "five parts, encrypted": lambda issuer: issuer.make() + ".x.y",
    "a header in plain base64": lambda issuer: (
        base64.b64encode(b'{"alg":"RS256","kid":"?>?>"}').decode() + "." + issuer.make().split(".", 1)[1]
    ),
    "a character that base64 does not have": lambda issuer: "!" + issuer.make()[1:],
    "a space in the middle": lambda issuer: issuer.make().replace(".", ". ", 1),
    "a letter outside of ASCII": lambda issuer: issuer.make() + "é",
    "a lone surrogate": lambda issuer: issuer.make() + "\ud800",
    "a megabyte": lambda issuer: issuer.make(sub="x" * 1_000_000),
    "a megabyte of dots": lambda _: "." * 1_000_000,
    "longer than any token": lambda issuer: issuer.make(groups=["x" * 36] * 400),
    "a header that is a list": lambda issuer: segment(b"[]") + "." + issuer.make().split(".", 1)[1],
    "a header nested without end": lambda _: segment(b"[" * 5000) + ".e30.eA",
    "a header that is no UTF-8": lambda _: segment(b"\xff\xfe") + ".e30.eA",
}


@pytest.fixture(scope="module")
async def tokens(steady_issuer: RunningIssuer) -> AsyncIterator[Tokens]:
    tokens = Tokens(steady_issuer.url, frozenset({AUDIENCE}), KeyCache(steady_issuer.url))
    async with tokens.running():
        yield tokens


async def test_a_token_with_nothing_wrong_is_believed(tokens: Tokens, steady_issuer: RunningIssuer) -> None:
    caller = await tokens.authenticate(f"Bearer {steady_issuer.make()}")

    assert caller.actor == "alice"


@pytest.mark.parametrize("make", [*FORGED.values(), *HEADERS.values()], ids=[*FORGED, *HEADERS])
async def test_a_forged_token_is_not_believed(make: Make, tokens: Tokens, steady_issuer: RunningIssuer) -> None:
    with pytest.raises(BadToken):
        await tokens.authenticate(f"Bearer {make(steady_issuer)}")


@pytest.mark.parametrize("make", CLAIMS.values(), ids=CLAIMS)
async def test_a_signed_token_with_wrong_claims_is_not_believed(
    make: Make, tokens: Tokens, steady_issuer: RunningIssuer
) -> None:
    with pytest.raises(BadToken):
        await tokens.authenticate(f"Bearer {make(steady_issuer)}")


@pytest.mark.parametrize("make", WRITTEN.values(), ids=WRITTEN)
async def test_what_is_no_token_is_not_believed(make: Make, tokens: Tokens, steady_issuer: RunningIssuer) -> None:
    with pytest.raises(BadToken):
        await tokens.authenticate(f"Bearer {make(steady_issuer)}")


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(lambda now: {"exp": now + 3600.5}, id="exp with a fraction"),
        pytest.param(lambda _: {"exp": 4102444800}, id="exp in the year 2100"),
        pytest.param(lambda now: {"exp": int(now) - 5}, id="expired within the leeway"),
        pytest.param(lambda now: {"nbf": int(now) + 20, "iat": int(now) + 20}, id="from a clock that is ahead"),
        pytest.param(lambda _: {"nbf": None, "iat": None}, id="without nbf and iat"),
        pytest.param(lambda _: {"aud": ["api://others", AUDIENCE]}, id="for others as well"),
        pytest.param(lambda _: {"sub": "x" * 255}, id="with the longest subject"),
        pytest.param(lambda _: {"typ": "Bearer"}, id="an access token of Keycloak"),
        pytest.param(lambda _: {"groups": ["x" * 36] * 200}, id="with 200 groups"),
    ],
)
async def test_an_unusual_token_is_believed(
    claims: Callable[[float], dict[str, Any]], tokens: Tokens, steady_issuer: RunningIssuer
) -> None:
    made = claims(time.time())
    caller = await tokens.authenticate(f"Bearer {steady_issuer.make(**made)}")

    assert caller.actor == made.get("sub", "alice")


async def test_no_token_sends_the_service_anywhere(tokens: Tokens, steady_issuer: RunningIssuer) -> None:
    asked = len(steady_issuer.asked)

    for name in ("jku", "x5u"):
        with pytest.raises(BadToken):
            await tokens.authenticate(
                f"Bearer {steady_issuer.make(headers={name: f'{steady_issuer.url}/evil', 'kid': 'evil'})}"
            )
    await asyncio.sleep(0)

    assert "/evil" not in steady_issuer.asked
    assert len(steady_issuer.asked) == asked
