"""Keeps a copy of all todos in a file. Each run asks for what has changed since the last one."""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
from client import Client
from operations import CHANGES, ChangeSet
from pydantic import BaseModel


class Copy(BaseModel):
    """The titles of all todos by their ids, and the token of the moment that they are of."""

    sync_token: str | None = None
    titles: dict[str, str] = {}


def load(path: Path) -> Copy:
    """Read the copy that the last run left; without one, begin with nothing."""
    return Copy.model_validate_json(path.read_bytes()) if path.exists() else Copy()


def save(path: Path, copy: Copy) -> None:
    """Write the copy with its token, or neither: whoever is interrupted finds what was there before."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(copy.model_dump_json(indent=2), encoding="utf-8")
    new.replace(path)


def pages(client: Client, token: str | None) -> Iterator[ChangeSet]:
    """Ask for what has changed since a token, or for everything, until there is no more."""
    changes = client.send(CHANGES, since=token).changes
    yield changes
    while changes.has_more:
        changes = client.send(CHANGES, since=changes.sync_token).changes
        yield changes


def apply(changes: ChangeSet, copy: Copy) -> Copy:
    """Give the copy as it is after a page."""
    if changes.reset:
        # The token is older than the service's log, or of a database that was replaced: everything comes again.
        print("The service does not know what has changed since then: starting over.")
    titles = {} if changes.reset else dict(copy.titles)
    for todo in changes.todos:
        titles[todo.id] = todo.title
        print("changed:", todo.title)
    for gone in changes.deleted:
        # It may have come and gone between two runs.
        print("gone:", titles.pop(gone.id, gone.id))
    return Copy(sync_token=changes.sync_token, titles=titles)


def main() -> None:
    """Bring the copy up to date."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8082"
    path = Path(sys.argv[2] if len(sys.argv) > 2 else "todos.json")
    copy = load(path)
    with httpx.Client(base_url=url) as http:
        for changes in pages(Client(http), copy.sync_token):
            copy = apply(changes, copy)
            save(path, copy)
    print(f"Todos in {path}: {len(copy.titles)}")


if __name__ == "__main__":
    main()
