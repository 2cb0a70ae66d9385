"""Git as a test uses it."""

import os


def environment() -> dict[str, str]:
    """Give an environment with neither the settings of whoever runs this, nor those of a hook that does."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    person = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**inherited, **person, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
