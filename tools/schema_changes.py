"""Check what has become of schema.graphql since the last release; run in the root of the repository."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from graphql import ConstDirectiveNode, StringValueNode, Visitor, build_schema, find_breaking_changes, parse, visit


def main() -> None:
    """Say what breaks callers of the last release; fail if the changelog does not, or if a deprecation is bare."""
    schema = Path("schema.graphql").read_text(encoding="utf-8")
    complaints = list(undated_deprecations(schema))
    release = last_release()
    if release is None:
        print("No release has been tagged yet: any change of the schema will do.")
    else:
        breaking = breaking_changes(git("show", f"{release}:schema.graphql"), schema)
        print(f"{len(breaking)} breaking changes of the schema since {release}.", *breaking, sep="\n  ")
        if breaking and not tells_of_breaking(Path("CHANGELOG.md").read_text(encoding="utf-8")):
            complaints.append("The schema breaks callers; say so in CHANGELOG.md under Unreleased, as `### Breaking`.")
    if complaints:
        sys.exit("\n".join(complaints))


def last_release() -> str | None:
    """Name the newest tag of a version that this commit descends from."""
    try:
        return git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*").strip()
    except subprocess.CalledProcessError:
        return None


def git(*arguments: str) -> str:
    """Run git and give what it prints."""
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


def breaking_changes(old: str, new: str) -> list[str]:
    """Describe the changes that make a document or a client of the old schema fail with the new one."""
    return [change.description for change in find_breaking_changes(build_schema(old), build_schema(new))]


def tells_of_breaking(changelog: str) -> bool:
    """Say whether what is unreleased has a section for what breaks."""
    unreleased = re.search(r"^## \[Unreleased\]$(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return unreleased is not None and re.search(r"^### Breaking$", unreleased[1], re.MULTILINE) is not None


def undated_deprecations(schema: str) -> Iterator[str]:
    """Name the deprecations without a reason that has a date (YYYY-MM-DD) in it."""
    for line, reason in deprecations(schema):
        if not any(is_date(word) for word in re.findall(r"\d{4}-\d{2}-\d{2}", reason)):
            yield f'schema.graphql:{line}: @deprecated needs a reason with its date in it: (reason: "2026-11-23: ...").'


def deprecations(schema: str) -> list[tuple[int, str]]:
    """Find every @deprecated, with its line and its reason."""
    found: list[tuple[int, str]] = []

    class Finder(Visitor):
        def enter_directive(self, node: ConstDirectiveNode, *_: object) -> None:
            if node.name.value == "deprecated" and node.loc is not None:
                reasons = (argument.value for argument in node.arguments or () if argument.name.value == "reason")
                texts = (reason.value for reason in reasons if isinstance(reason, StringValueNode))
                found.append((node.loc.start_token.line, next(texts, "")))

    visit(parse(schema), Finder())
    return found


def is_date(text: str) -> bool:
    """Say whether there is such a day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    main()
