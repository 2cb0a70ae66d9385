"""Reach the database: which one a URL means, units of work on it, and its tables."""

from todo_gql.database.cancellation import heed_cancellation
from todo_gql.database.connection import Connection
from todo_gql.database.database import Database
from todo_gql.database.engine import create_engine
from todo_gql.database.failures import DatabaseUnavailable, OutcomeUnknown
from todo_gql.database.listener import Listener
from todo_gql.database.url import DatabaseURL, DatabaseURLError, PostgreSQLURL, SQLiteURL, parse_database_url

__all__ = [
    "Connection",
    "Database",
    "DatabaseURL",
    "DatabaseURLError",
    "DatabaseUnavailable",
    "Listener",
    "OutcomeUnknown",
    "PostgreSQLURL",
    "SQLiteURL",
    "create_engine",
    "heed_cancellation",
    "parse_database_url",
]
