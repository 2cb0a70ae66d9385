"""A small OpenID Connect issuer over HTTP: real keys, which it can rotate, and every way to fail."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from uuid import uuid4

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.server import ServerState

AUDIENCE = "api://todos"
EVERYTHING = "todos.read todos.write"


class SigningKey:
    """A key of an issuer, and how it is published."""

    def __init__(self, algorithm: str = "RS256", *, bits: int = 2048, **published: Any) -> None:
        self.algorithm = algorithm
        self.kid = uuid4().hex
        self.private: PrivateKeyTypes
        if algorithm.startswith("ES"):
            self.private = ec.generate_private_key(ec.SECP256R1())
            jwk = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            self.private = rsa.generate_private_key(65537, bits)
            jwk = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        jwk.pop("key_ops", None)
        self.jwk: dict[str, Any] = {**jwk, "kid": self.kid, "use": "sig", "alg": algorithm, **published}


@cache
def _first_key() -> SigningKey:
    return SigningKey()


class Issuer:
    """What the issuer publishes, and the tokens that it makes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = _first_key()
        self.published = [self.key]
        self.asked: list[str] = []
        self.answers: dict[str, Response] = {}
        self.slow: asyncio.Event | None = None
        self.description: dict[str, Any] = {"issuer": url, "jwks_uri": f"{url}/keys"}

    def rotate(self, algorithm: str = "RS256", *, keep: bool = True) -> SigningKey:
        """Sign by a new key from now on; the old one is published for longer, or is not."""
        self.key = SigningKey(algorithm)
        self.published = [*self.published, self.key] if keep else [self.key]
        return self.key

    def claims(self, **others: Any) -> dict[str, Any]:
        """Make the claims of a token that is good for everything; None leaves one out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "alice",
            "iat": now,
            "nbf": now,
            "exp": now + 600,
            "scope": EVERYTHING,
            **others,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def make(self, *, key: SigningKey | None = None, headers: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """Make a token: `make(sub="bob", scope="todos.read")`."""
        key = key or self.key
        return jwt.encode(
            self.claims(**claims),
            key.private,  # type: ignore[arg-type]  # Of the two kinds that there are here.
            key.algorithm,
            {"kid": key.kid, **(headers or {})},
        )

    def bearer(self, **claims: Any) -> dict[str, str]:
        """Make the header that a token is sent in."""
        return {"Authorization": f"Bearer {self.make(**claims)}"}

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append(path)
        if self.slow is not None:
            await self.slow.wait()
        if path in self.answers:
            return self.answers[path]
        if path.endswith("/openid-configuration"):
            return JSONResponse(self.description)
        return JSONResponse({"keys": [key.jwk for key in self.published]})


class RunningIssuer(Issuer):
    """An issuer on a port of 127.0.0.1, which can go away and come back."""

    def __init__(self, url: str, port: int) -> None:
        super().__init__(url)
        self._port = port
        self._state = ServerState()
        app = Starlette(routes=[Route("/{path:path}", self.answer)])
        self._config = uvicorn.Config(app, lifespan="off", log_config=None)
        self._config.load()
        self._server: asyncio.Server | None = None

    async def come(self) -> None:
        def connect() -> asyncio.Protocol:
            return self._config.http_protocol_class(  # type: ignore[call-arg]  # uvicorn declares it as any protocol.
                config=self._config, server_state=self._state, app_state={}
            )

        self._server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        if not self.url:
            self.url = f"http://127.0.0.1:{self._port}"
            self.description = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}

    async def go_away(self) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        await asyncio.gather(*self._state.tasks, return_exceptions=True)
        await self._server.wait_closed()


@asynccontextmanager
async def running_issuer() -> AsyncIterator[RunningIssuer]:
    """Run an issuer on a free port."""
    issuer = RunningIssuer("", 0)
    await issuer.come()
    try:
        yield issuer
    finally:
        if issuer.slow is not None:
            issuer.slow.set()
        await issuer.go_away()


def segment(data: bytes) -> str:
    """Write a part of a token."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
