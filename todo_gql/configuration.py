"""What the settings mean for the parts: the values that each of them is handed."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import SecretStr

from todo_gql.asgi.deadline import Deadlines
from todo_gql.database import DatabaseURL, PostgreSQLURL, parse_database_url
from todo_gql.graphql.known_documents import KnownDocumentsError, read_known_documents
from todo_gql.graphql.schema import schema_hash
from todo_gql.graphql.service_info import ServiceInfo, ServiceLimits
from todo_gql.settings import DocumentPolicy, Settings, SettingsError, variable
from todo_gql.todos.operations.work import Policy
from todo_gql.version import version


def database_url(settings: Settings) -> DatabaseURL:
    """Say which database is to be used.

    Raises:
        DatabaseURLError: the setting names none that can be.
    """
    return _database_url(settings, settings.database_url)


def listen_url(settings: Settings, url: DatabaseURL) -> DatabaseURL:
    """Say where changes of a database are heard of: there, unless a setting says otherwise.

    Raises:
        DatabaseURLError: the setting names no database that can be used.
        SettingsError: nothing can be heard of changes there.
    """
    listen_url = url if settings.listen_url is None else _database_url(settings, settings.listen_url)
    if isinstance(listen_url, PostgreSQLURL) and listen_url.is_pooled:
        sentence = (
            f"{variable('listen_url')} must name PostgreSQL itself when {variable('database_url')} leads through "
            "PgBouncer, from which nobody hears of changes."
        )
        raise SettingsError((sentence,))
    return listen_url


def policy(settings: Settings) -> Policy:
    """Say what the use cases are bound by."""
    return Policy(
        trash_retention=timedelta(days=settings.trash_retention_days),
        max_page_size=settings.limit_page,
        max_bulk_size=settings.limit_bulk,
    )


def deadlines(settings: Settings) -> Deadlines:
    """Say how long a request may take."""
    return Deadlines(read_s=min(settings.limit_read_seconds, settings.limit_seconds), write_s=settings.limit_seconds)


def known_documents(settings: Settings) -> Mapping[str, str]:
    """Read the GraphQL documents that are known beforehand.

    Raises:
        KnownDocumentsError: they cannot be used.
    """
    if settings.graphql_documents is DocumentPolicy.OPEN:
        return {}
    if settings.graphql_documents_path is None:
        raise KnownDocumentsError("It must say where the known documents are.")
    return read_known_documents(settings.graphql_documents_path)


def service_info(settings: Settings) -> ServiceInfo:
    """Say what clients may know of the service."""
    return ServiceInfo(
        version=version(),
        commit=settings.commit,
        schema_hash=schema_hash(),
        trash_retention_days=settings.trash_retention_days,
        changes_retention_days=settings.changes_retention_days,
        limits=ServiceLimits(
            max_page_size=settings.limit_page,
            max_body_bytes=settings.limit_body,
            max_tokens=settings.limit_tokens,
            max_depth=settings.limit_depth,
            max_aliases=settings.limit_aliases,
            max_fields=settings.limit_fields,
            max_directives=settings.limit_directives,
            max_cost=settings.limit_cost,
            max_objects=settings.limit_objects,
            max_bulk_size=settings.limit_bulk,
        ),
    )


def _database_url(settings: Settings, text: SecretStr) -> DatabaseURL:
    return parse_database_url(text.get_secret_value(), has_token=settings.database_auth == "entra")
