"""Read the settings, and say in a sentence of each value that cannot be used what it should have been."""

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import SecretStr, ValidationError

from todo_gql.settings.settings import PREFIX, DocumentPolicy, Settings, variable


class SettingsError(Exception):
    """Environment variables have values that cannot be used; `sentences` has one for each."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a variable has a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        # A value that could be of several types is wrong once for each.
        sentences = dict.fromkeys(_refusal(each["loc"], each["input"], each.get("ctx", {})) for each in error.errors())
        raise SettingsError(tuple(sentences)) from None


def unknown_variables(environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield one sentence for each `APP_` variable that no setting reads."""
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted(os.environ if environment is None else environment):
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in known:
            similar = difflib.get_close_matches(name.removeprefix(PREFIX), known, n=1)
            hint = f"; did you mean {PREFIX}{similar[0]}?" if similar else "."
            yield f"{name} is not a setting and is ignored{hint}"


def _expectation(name: str) -> str:
    """Say what values a setting can have."""
    schema = Settings.model_json_schema()["properties"][name]
    if "expected" in schema:
        return str(schema["expected"])
    kind: dict[str, Any] = schema.get("anyOf", [schema])[0]
    # An enumeration is described elsewhere.
    if "$ref" in kind:
        return "one of " + ", ".join(DocumentPolicy)
    match kind:
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"a whole number from {least} to {most}"
        case {"type": "boolean"}:
            return "true or false"
        case {"enum": [*words]}:
            return "one of " + ", ".join(words)
        case {"format": "path"}:
            return "a path"
        case {"format": "date-time"}:
            return "a date (2026-11-23) or an instant with its offset (2026-11-23T08:00:00Z)"
        case _:
            return "text"


def _refusal(location: Sequence[int | str], value: object, context: Mapping[str, Any]) -> str:
    if not location:
        return str(context["error"])  # What is wrong with several together is said in a sentence of ours.
    name = str(location[0])
    is_secret = Settings.model_fields[name].annotation in {SecretStr, SecretStr | None}
    return f"{variable(name)} must be {_expectation(name)}{'' if is_secret else f', not {value!r}'}."
