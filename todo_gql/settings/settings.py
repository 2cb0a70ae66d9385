"""The settings of the service: environment variables that start with `APP_`."""

from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from todo_gql.settings.values import Days, Host, Instant, Origin, Several

PREFIX: Final = "APP_"


def variable(name: str) -> str:
    """Name the environment variable of a setting."""
    return PREFIX + name.upper()


class DocumentPolicy(StrEnum):
    """Which GraphQL documents are answered."""

    OPEN = "open"
    KNOWN = "known"
    ONLY = "only"


class Settings(BaseSettings):
    """What an operator can choose; the description of each is its row in the README."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    database_url: SecretStr = Field(
        SecretStr("sqlite:///todo.db"),
        description="The database: `sqlite:///file.db` or `postgresql://user:password@host/name`; "
        "with `?pgbouncer=true` through PgBouncer in transaction mode.",
    )
    listen_url: SecretStr | None = Field(
        None,
        description="The same database without a pooler such as PgBouncer between, to hear of changes; "
        "unset, `APP_DATABASE_URL`.",
    )
    database_auth: Literal["password", "entra"] = Field(
        "password",
        description="How PostgreSQL is told who connects: by a `password`, in the URL for example, or by a token of "
        "Microsoft `entra` for the identity of the pod (`AZURE_CLIENT_ID`, `AZURE_TENANT_ID`, "
        "`AZURE_FEDERATED_TOKEN_FILE`).",
    )
    database_role: str = Field(
        "todo_service",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="With authentication, the role under which PostgreSQL keeps owners apart (row-level security); "
        "`migrate` makes it. A server has its roles for all its databases: one for each service.",
        json_schema_extra={"expected": "at most 63 lower-case letters, digits and underscores, the first no digit"},
    )
    host: str = Field("127.0.0.1", description="The address to listen on; `0.0.0.0` is every IPv4 address.")
    port: int = Field(8082, ge=0, le=65535, description="The TCP port to listen on; 0 takes a free one.")
    allowed_hosts: Several[Host] = Field(
        (),
        description="The names under which the service answers, without ports and with commas between; "
        "`*.example.com` is every name below that one. Unset, any; probes are answered under any.",
        json_schema_extra={"expected": "names without ports, such as todo.example.com,*.example.org"},
    )
    trusted_proxies: Several[IPv4Network | IPv6Network] = Field(
        (),
        description="The networks of the proxies before the service (`10.0.0.0/8,fd00::/8`), whose word on the "
        "caller's address and scheme is taken (`X-Forwarded-For`, `X-Forwarded-Proto`); unset, nobody's.",
        json_schema_extra={"expected": "addresses or networks, such as 10.0.0.0/8,fd00::1"},
    )
    cors_origins: Several[Origin] = Field(
        (),
        description="The origins whose pages may use the service, with commas between (`https://app.example.com`); "
        "`*` is any. Unset, only its own.",
        json_schema_extra={"expected": "origins, such as https://app.example.com, or *"},
    )
    hsts_seconds: int = Field(
        0,
        ge=0,
        le=63_072_000,
        description="For how long browsers that came by HTTPS are told to come back by nothing else "
        "(`Strict-Transport-Security`); 0 tells them nothing.",
    )
    explorer: bool = Field(
        True, description="Show GraphiQL at `/graphql` and the REST documentation at `/docs` to browsers."
    )
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="How many processes answer on the port, each with its own limits, and its own 11 connections to "
        "PostgreSQL at most. SQLite is for one process.",
    )
    drain_seconds: int = Field(
        0,
        ge=0,
        le=300,
        description="For how many seconds a service that was told to stop (SIGTERM) still answers while `/readyz` says "
        "that it stops: longer than a load balancer takes to notice. Requests at work have 10 s more.",
    )
    graphql_documents: DocumentPolicy = Field(
        DocumentPolicy.OPEN,
        description="`open` answers any GraphQL document; `known` spares those that are known beforehand "
        "parsing, validation and limits; `only` refuses all others.",
    )
    graphql_documents_path: Path | None = Field(
        None,
        description="The known documents: a JSON file as Relay and graphql-codegen write it, "
        "or a directory of `*.graphql` files.",
    )
    graphql_plans: bool = Field(
        True,
        description="Let the database write answers where no resolver is needed, and answer plain attributes all at "
        "once; `false` leaves every field to graphql-core, which gives the same answers, more slowly.",
    )
    explain: bool = Field(
        False,
        description="Tell who sends `X-Todo-Explain: 1` to GraphQL how it was executed: cost, resolvers, SQL, trace.",
    )
    trace_url_template: str | None = Field(
        None,
        pattern=r"^https?://.*\{trace_id\}",
        description="The address of a trace, with `{trace_id}` in it, for the link of `X-Todo-Explain`.",
        json_schema_extra={"expected": "a URL with {trace_id} in it"},
    )
    # A key that was fetched in the clear is anybody's: http is for an issuer on the same machine.
    auth_issuer: str | None = Field(
        None,
        pattern=r"^(https://[^\s/?#@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)(/[^\s?#]*)?$",
        description="Who issues the bearer tokens that callers must send: the `iss` of the tokens, an OpenID Connect "
        "issuer such as `https://login.microsoftonline.com/{tenant}/v2.0`; unset, authentication is off.",
        json_schema_extra={"expected": "a URL that begins with https:// (or leads to this machine), without a query"},
    )
    auth_audience: str | None = Field(
        None,
        pattern=r"^[^\s,]+(,[^\s,]+)*$",
        description="Whom the tokens must be for: their `aud`; several with commas between. Goes with "
        "`APP_AUTH_ISSUER`.",
        json_schema_extra={"expected": "an audience, or several with commas and no spaces between"},
    )
    rest_require_if_match: bool = Field(
        False, description="Refuse REST writes to a todo that name no version (`If-Match`) with 428."
    )
    rest_deprecated_at: Instant = Field(
        datetime(2026, 11, 23, tzinfo=UTC),
        description="Since when REST is deprecated in favour of GraphQL (`Deprecation`).",
    )
    rest_sunset: Instant | None = Field(
        None, description="When REST is to be switched off (`Sunset`); unset, no date is told."
    )
    fault_injection: bool = Field(
        False, description="Let `?simulate_error=500` fail a REST request, to try alerts with."
    )
    trash_retention_days: Days = Field(30, description="For how many days a deleted todo can be restored.")
    changes_retention_days: Days = Field(90, description="For how many days the change log goes back.")
    log_format: Literal["plain", "json"] = Field(
        "plain", description="How log lines on standard error are written: `plain` text, or one `json` object each."
    )
    commit: str | None = Field(
        None,
        pattern="^[0-9a-f]{7,64}$",
        description="The commit that the service was built from, which `service { commit }` shows.",
        json_schema_extra={"expected": "the hash of a commit"},
    )
    rate_limit: int | None = Field(
        None,
        ge=1,
        le=1_000_000_000,
        description="What a caller, who is an owner or an address, may ask for in a minute: each request and "
        "each message of a WebSocket costs 1, besides that a GraphQL operation its estimated cost, a REST list its "
        "todos. Who has nothing left gets 429. Each process counts for itself; unset, nobody counts.",
    )
    # `nextTodos` has 20 unless it is told otherwise, and so must be able to.
    limit_page: int = Field(100, ge=20, le=1000, description="Most todos on one page of a GraphQL connection.")
    limit_body: int = Field(1_048_576, ge=1024, le=67_108_864, description="Most bytes in the body of a request.")
    limit_requests: int = Field(64, ge=1, le=10_000, description="Most requests that one process answers at once.")
    limit_waiting: int = Field(
        128, ge=0, le=10_000, description="Most requests that wait for their turn; more are refused with 503 at once."
    )
    limit_tokens: int = Field(2000, ge=100, le=100_000, description="Most tokens in a GraphQL document.")
    limit_depth: int = Field(15, ge=1, le=100, description="Most levels of nested fields in a GraphQL operation.")
    limit_aliases: int = Field(30, ge=0, le=1000, description="Most aliases in a GraphQL operation.")
    # graphql-core validates n equal fields in a time that grows with n squared: 1,000 took 0.9 to 4.3 s.
    limit_fields: int = Field(
        200, ge=10, le=1000, description="Most fields in a GraphQL operation, fragments expanded."
    )
    limit_directives: int = Field(20, ge=0, le=1000, description="Most directives in a GraphQL operation.")
    limit_cost: int = Field(10_000, ge=100, le=10_000_000, description="Highest estimated cost of a GraphQL operation.")
    # SQLite and PostgreSQL take at most some 32,000 ids in one statement.
    limit_objects: int = Field(
        10_000, ge=100, le=30_000, description="Most todos in the answer to a GraphQL operation."
    )
    limit_seconds: int = Field(8, ge=1, le=300, description="Most seconds that a request may take once it is begun.")
    limit_read_seconds: int = Field(
        5, ge=1, le=300, description="Most seconds that a request which only reads may take; a long list, each batch."
    )
    limit_subscriptions: int = Field(
        2000, ge=0, le=100_000, description="Most subscriptions, and most WebSockets, that one process serves at once."
    )
    # Each operation may show 50 todos that block it, and they are asked about by their ids in one statement, likewise.
    limit_bulk: int = Field(100, ge=1, le=500, description="Most operations in one bulk mutation.")

    @property
    def owners_role(self) -> str | None:
        """Name the role for what is done for an owner; None while authentication is off, and nobody owns anything."""
        return None if self.auth_issuer is None else self.database_role

    @model_validator(mode="after")
    def _check_authentication(self) -> Self:
        if (self.auth_issuer is None) != (self.auth_audience is None):
            present, absent = ("auth_issuer", "auth_audience") if self.auth_issuer else ("auth_audience", "auth_issuer")
            raise ValueError(f"{variable(present)} is set without {variable(absent)}: set both, or neither.")
        return self
