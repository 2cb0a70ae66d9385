"""Find the revisions that this version of the service brings along."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory


def migration_config() -> Config:
    """Make Alembic's configuration, which needs no alembic.ini."""
    config = Config()
    # Alembic interpolates percent signs.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """List the revisions, newest first."""
    scripts = ScriptDirectory.from_config(migration_config())
    return tuple(script.revision for script in scripts.walk_revisions())
