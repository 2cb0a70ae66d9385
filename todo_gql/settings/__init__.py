"""What an operator can choose, by environment variables; the README has a row for each."""

from todo_gql.settings.reading import SettingsError, load_settings, unknown_variables
from todo_gql.settings.settings import DocumentPolicy, Settings, variable

__all__ = ["DocumentPolicy", "Settings", "SettingsError", "load_settings", "unknown_variables", "variable"]
