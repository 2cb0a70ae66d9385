"""Microsoft Entra tokens in place of the database's password, for the identity that a pod has (workload identity).

Kubernetes signs a token for the pod's service account and keeps it fresh in a file; Entra takes it for one that Azure's
PostgreSQL takes as a password. PostgreSQL looks at it when a connection is opened, and never again.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import orjson

from todo_gql.database.failures import DatabaseUnavailable, Interrupted
from todo_gql.database.url import DatabaseURL, DatabaseURLError, PostgreSQLURL

# The resource for all of Azure's open source databases (learn.microsoft.com, "Use Microsoft Entra ID for
# authentication with Azure Database for PostgreSQL").
_SCOPE: Final = "https://ossrdbms-aad.database.windows.net/.default"
_AUTHORITY: Final = "https://login.microsoftonline.com/"
# RFC 7523 section 2.2.
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_TIMEOUT_S: Final = 3
_FRESH_S: Final = 300
"""A token that holds for less is not used while another can be had."""

_FROM_ENVIRONMENT: Final = ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadIdentity:
    """What a pod is in Azure, as azure-workload-identity tells it: names, and the file with Kubernetes' token."""

    client_id: str
    tenant_id: str
    token_file: Path
    authority: str = _AUTHORITY


class EntraTokens:
    """Gives a token that holds; one for all connections that are opened while it does."""

    def __init__(self, identity: WorkloadIdentity, clock: Callable[[], float] = time.monotonic) -> None:
        self._identity = identity
        self._clock = clock
        self._token: _Token | None = None
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        """Give a token; one that is about to end only where Entra gives no other.

        Raises:
            Interrupted: Entra cannot be reached now.
            DatabaseUnavailable: it gives no token to this identity.
        """
        async with self._asking:
            if self._token is None or self._left(self._token) < _FRESH_S:
                asked_at = self._clock()
                try:
                    self._token = _read(await self._ask(), asked_at)
                except DatabaseUnavailable:
                    if self._token is None or self._left(self._token) <= 0:
                        raise
            return self._token.text

    def _left(self, token: "_Token") -> float:
        return token.ends_at - self._clock()

    async def _ask(self) -> httpx2.Response:
        identity = self._identity
        form = {
            "grant_type": "client_credentials",
            "client_id": identity.client_id,
            "scope": _SCOPE,
            "client_assertion_type": _ASSERTION_TYPE,
        }
        try:
            # Read each time: Kubernetes replaces it every hour.
            form["client_assertion"] = identity.token_file.read_text().strip()
            async with asyncio.timeout(_TIMEOUT_S), httpx2.AsyncClient() as http:
                address = f"{identity.authority.rstrip('/')}/{identity.tenant_id}/oauth2/v2.0/token"
                return await http.post(address, data=form)
        except (TimeoutError, OSError, httpx2.HTTPError) as error:
            reason = type(error).__name__
            raise Interrupted(f"Entra cannot be asked for a token for the database: {reason}.") from error


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    ends_at: float


def with_tokens(url: DatabaseURL, environment: Mapping[str, str]) -> PostgreSQLURL:
    """Have a database asked with Entra tokens, for the identity that the environment names.

    Raises:
        DatabaseURLError: the database takes no tokens, or nothing says for whom they would be.
    """
    if not isinstance(url, PostgreSQLURL):
        raise DatabaseURLError("Entra tokens are for PostgreSQL alone.")
    if not url.is_encrypted and url.host not in {"127.0.0.1", "::1", "localhost"}:
        raise DatabaseURLError("An Entra token is only sent encrypted: add sslmode=verify-full to the URL.")
    if missing := [name for name in _FROM_ENVIRONMENT if not environment.get(name)]:
        raise DatabaseURLError(f"Nothing says for whom Entra tokens would be: {', '.join(missing)} must be set.")
    authority = environment.get("AZURE_AUTHORITY_HOST") or _AUTHORITY
    if urlsplit(authority).scheme != "https" and urlsplit(authority).hostname != "127.0.0.1":
        raise DatabaseURLError("AZURE_AUTHORITY_HOST must begin with https://.")
    client_id, tenant_id, token_file = (environment[name] for name in _FROM_ENVIRONMENT)
    identity = WorkloadIdentity(
        client_id=client_id, tenant_id=tenant_id, token_file=Path(token_file), authority=authority
    )
    return replace(url, give_password=EntraTokens(identity).token)


def _read(response: httpx2.Response, asked_at: float) -> _Token:
    """Read the answer (RFC 6749 section 5); what it says may quote what was asked, and is left out."""
    if (
        response.status_code in {httpx2.codes.TOO_MANY_REQUESTS, httpx2.codes.REQUEST_TIMEOUT}
        or response.is_server_error
    ):
        raise Interrupted(f"Entra gives no token for the database now ({response.status_code}).")
    try:
        answer: Any = orjson.loads(response.content)
        if response.is_success:
            return _Token(str(answer["access_token"]), asked_at + float(answer["expires_in"]))
        error = str(answer["error"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        error = "an answer that cannot be read"
    raise DatabaseUnavailable(f"Entra gives no token for the database ({response.status_code}, {error}).")
