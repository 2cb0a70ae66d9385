import re
from functools import cache
from pathlib import Path

import grimp

import todo_gql

PACKAGE = Path(todo_gql.__file__).parent
PAGE = (PACKAGE.parent / "docs/architecture.md").read_text()

type Arrows = set[tuple[str, str]]


def test_every_arrow_of_the_rooms_is_an_import() -> None:
    assert drawn_rooms() - imports() == set()


def test_every_import_between_rooms_lies_on_a_path_of_arrows() -> None:
    assert imports() - paths(drawn_rooms()) == set()


def test_no_arrow_of_the_rooms_repeats_a_path_of_others() -> None:
    drawn = drawn_rooms()

    assert {arrow for arrow in drawn if arrow in paths(drawn - {arrow})} == set()


def test_a_request_goes_where_imports_lead() -> None:
    # The server and what wraps the application are handed what they call.
    calls = {(caller, called) for caller, called in called_rooms() if caller not in {"client", "server", "asgi"}}

    assert calls - {("database", "engine")} <= imports()
    assert {("graphql", "todos"), ("todos", "database"), ("database", "engine")} <= calls


def test_every_module_that_the_page_names_exists() -> None:
    named = re.findall(r"([\w/]+\.py)\b", PAGE)

    assert named
    assert [name for name in named if not any(PACKAGE.rglob(name)) and not (PACKAGE.parent / name).exists()] == []


def test_every_function_and_class_stands_in_the_module_beside_it() -> None:
    named = re.findall(r"`([\w/]+\.py)`, `(\w+)`", PAGE)

    assert len(named) > 20
    assert [(file, name) for file, name in named if not defines(PACKAGE / file, name)] == []


def defines(file: Path, name: str) -> bool:
    return re.search(rf"^(?:class|def|async def) {name}\b", file.read_text(), re.MULTILINE) is not None


def drawn_rooms() -> Arrows:
    lines = re.findall(r"^    (\w+) --> (.+)$", PAGE, re.MULTILINE)
    return {(importer, imported) for importer, all_imported in lines for imported in all_imported.split(" & ")}


def called_rooms() -> Arrows:
    return set(re.findall(r"^    (\w+)->>(\w+): ", PAGE, re.MULTILINE))


@cache
def imports() -> frozenset[tuple[str, str]]:
    graph = grimp.build_graph("todo_gql", cache_dir=str(PACKAGE.parent / ".import_linter_cache"))
    return frozenset(
        (room(importer), room(imported))
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if room(importer) != room(imported)
    )


def room(module: str) -> str:
    """Name the part of the package, itself a package or a module, that a module lies in."""
    return module.removeprefix("todo_gql.").partition(".")[0]


def paths(arrows: Arrows) -> Arrows:
    """Join arrows to paths, for as long as that gives new ones."""
    joined = set(arrows)
    while True:
        longer = {(start, end) for start, middle in joined for begin, end in arrows if middle == begin} - joined
        if not longer:
            return joined
        joined |= longer
