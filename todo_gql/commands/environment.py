"""What the commands read from the environment."""

import logging
from typing import Final

from todo_gql.database import DatabaseURL, parse_database_url
from todo_gql.settings import Settings, load_settings, unknown_variables

_log: Final = logging.getLogger("todo_gql")


def read_settings() -> Settings:
    """Read the settings, and warn of variables that look like settings.

    Raises:
        SettingsError: a variable has a value that cannot be used.
    """
    for sentence in unknown_variables():
        _log.warning("%s", sentence)
    return load_settings()


def database_url(settings: Settings) -> DatabaseURL:
    """Say which database the settings name.

    Raises:
        DatabaseURLError: it cannot be used.
    """
    return parse_database_url(settings.database_url.get_secret_value(), has_token=settings.database_auth == "entra")
