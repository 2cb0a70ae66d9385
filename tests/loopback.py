"""HTTP to what runs on this machine: no proxy of the environment stands between, and nothing is encrypted."""

import ssl
from typing import Any, Final

import httpx

# A client of httpx otherwise reads the world's certificate authorities, each time: 16 ms, more than most requests take.
_HERE: Final[dict[str, Any]] = {"trust_env": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}


def get(url: str, **options: Any) -> httpx.Response:
    return httpx.get(url, **_HERE, **options)


def post(url: str, **options: Any) -> httpx.Response:
    return httpx.post(url, **_HERE, **options)


def put(url: str, **options: Any) -> httpx.Response:
    return httpx.put(url, **_HERE, **options)


def delete(url: str, **options: Any) -> httpx.Response:
    return httpx.delete(url, **_HERE, **options)


def client(url: str, **options: Any) -> httpx.Client:
    return httpx.Client(base_url=url, **_HERE, **options)


def async_client(url: str, **options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, **_HERE, **options)
