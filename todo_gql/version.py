"""The version of the service, as it is installed."""

from importlib import metadata


def version() -> str:
    """Read the version that `pyproject.toml` gave the installed package."""
    return metadata.version("todo-gql")
