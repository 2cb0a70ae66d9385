from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.auth.issuer import running_issuer
from tests.command import call
from todo_gql.commands.examination import Exposure, examine_exposure, examine_issuer, examine_transport
from todo_gql.database import parse_database_url
from todo_gql.server import listen


@pytest.fixture
def taken_port() -> Iterator[str]:
    with listen("127.0.0.1", 0) as listener:
        yield str(listener.getsockname()[1])


def test_the_doctor_finds_nothing_to_do(sqlite_template: Path, taken_port: str, tmp_path: Path) -> None:
    done = call(
        tmp_path,
        "doctor",
        APP_DATABASE_URL=f"sqlite:///{sqlite_template}",
        APP_PORT="0",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{taken_port}",
    )

    assert done.returncode == 0
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["ok", "settings"],
        ["ok", "database"],
        ["ok", "migrations"],
        ["ok", "collector"],
        ["ok", "port"],
    ]


def test_the_doctor_changes_nothing(tmp_path: Path) -> None:
    done = call(tmp_path, "doctor", APP_PORT="0")

    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_names_every_problem(empty_postgresql_url: str, taken_port: str, tmp_path: Path) -> None:
    done = call(
        tmp_path,
        "doctor",
        APP_DATABASE_URL=empty_postgresql_url,
        APP_HOSTS="x",
        APP_PORT=taken_port,
        OTEL_EXPORTER_OTLP_ENDPOINT="no-such-host.invalid:4317",
    )

    assert done.returncode == 1
    assert [line.split(maxsplit=2) for line in done.stdout.splitlines()] == [
        ["note", "settings", "APP_HOSTS is not a setting and is ignored; did you mean APP_HOST?"],
        ["ok", "settings", "Every value can be used."],
        ["ok", "database", f"{parse_database_url(empty_postgresql_url)} answers."],
        ["problem", "migrations", "The database is empty: run `todo-gql migrate`."],
        [
            "problem",
            "collector",
            "Nothing listens on no-such-host.invalid:4317: start the collector, or unset OTEL_EXPORTER_OTLP_ENDPOINT.",
        ],
        [
            "problem",
            "port",
            f"Port {taken_port} on 127.0.0.1 is in use: stop what listens there, or choose another with APP_PORT.",
        ],
    ]


def test_the_doctor_says_what_is_wrong_with_settings(tmp_path: Path) -> None:
    done = call(tmp_path, "doctor", APP_DATABASE_URL="mysql://user:hunter2@127.0.0.1/todos")

    assert done.returncode == 1
    assert done.stdout == (
        "problem  settings   APP_DATABASE_URL cannot be used. "
        "The database URL must begin with sqlite:/// or with postgresql://.\n"
    )


async def test_the_doctor_asks_the_issuer_of_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with running_issuer() as issuer:
        there = await examine_issuer(issuer.url)
        issuer.description["issuer"] = "https://id.example.com"
        another = await examine_issuer(issuer.url)

    assert there == ("ok", "issuer", f"{issuer.url} answers; keys that tokens can be signed by: 1.")
    assert another == (
        "problem",
        "issuer",
        f"The description at {issuer.url} is of another issuer, 'https://id.example.com'. "
        "Without its keys nobody is let in: see APP_AUTH_ISSUER.",
    )


def test_the_doctor_asks_no_issuer_unless_there_is_one(tmp_path: Path) -> None:
    tokens = {"APP_AUTH_ISSUER": "http://127.0.0.1:1", "APP_AUTH_AUDIENCE": "todos", "NO_PROXY": "127.0.0.1"}

    off = call(tmp_path, "doctor", APP_PORT="0")
    on = call(tmp_path, "doctor", APP_PORT="0", **tokens)

    assert "ok       issuer" not in off.stdout
    assert "problem" not in off.stdout
    assert on.returncode == 1
    assert "problem  issuer     http://127.0.0.1:1/.well-known/openid-configuration cannot be read" in on.stdout


STRONG = Exposure(
    host="0.0.0.0",
    authenticates=True,
    allowed_hosts=("todo.example.com",),
    cors_origins=("https://app.example.com",),
    trusted_proxies=(ip_network("10.0.0.0/8"),),
    is_rate_limited=True,
    explains=False,
    injects_faults=False,
    has_explorer=False,
)
PUBLIC = "APP_HOST=0.0.0.0 can be reached by others"


def weaknesses(exposure: Exposure) -> list[str]:
    return [finding.sentence for finding in examine_exposure(exposure)]


def test_the_doctor_is_content_with_what_is_strong() -> None:
    assert weaknesses(STRONG) == []


@pytest.mark.parametrize(
    ("weaker", "sentence"),
    [
        (
            replace(STRONG, authenticates=False),
            f"{PUBLIC}, who read and change every todo: APP_AUTH_ISSUER turns authentication on.",
        ),
        (
            replace(STRONG, allowed_hosts=()),
            f"{PUBLIC}: APP_ALLOWED_HOSTS should say by which names, or any page leads its own name here.",
        ),
        (
            replace(STRONG, is_rate_limited=False),
            f"{PUBLIC}: APP_RATE_LIMIT should say how much each may ask for, unless a proxy does.",
        ),
        (replace(STRONG, explains=True), f"{PUBLIC}: APP_EXPLAIN shows them SQL, and is for development."),
        (
            replace(STRONG, injects_faults=True),
            f"{PUBLIC}: APP_FAULT_INJECTION lets them raise alerts, and is for trying those.",
        ),
        (replace(STRONG, has_explorer=True), f"{PUBLIC}: APP_EXPLORER=false spares pages that nobody needs there."),
        (
            replace(STRONG, cors_origins=("*",)),
            "APP_CORS_ORIGINS=* lets every page that a user opens do what the user can: name the origins.",
        ),
        (
            replace(STRONG, trusted_proxies=(ip_network("::/0"),)),
            "APP_TRUSTED_PROXIES believes everyone, so that each caller chooses an address: name the proxies.",
        ),
    ],
)
def test_the_doctor_names_what_is_weak(weaker: Exposure, sentence: str) -> None:
    assert weaknesses(weaker) == [sentence]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_the_doctor_leaves_what_only_this_machine_reaches_alone(host: str) -> None:
    bare = replace(
        STRONG,
        host=host,
        authenticates=False,
        allowed_hosts=(),
        is_rate_limited=False,
        explains=True,
        has_explorer=True,
    )

    assert weaknesses(bare) == []


def test_the_doctor_says_what_is_weak_in_what_is_set_and_what_is_weak_is_not_broken(tmp_path: Path) -> None:
    settings = {
        "APP_ALLOWED_HOSTS": "todo.example.com",
        "APP_CORS_ORIGINS": "*",
        "APP_EXPLAIN": "true",
        "APP_EXPLORER": "false",
        "APP_FAULT_INJECTION": "true",
        "APP_HOST": "0.0.0.0",
        "APP_PORT": "0",
        "APP_RATE_LIMIT": "6000",
        "APP_TRUSTED_PROXIES": "0.0.0.0/0",
    }

    done = call(tmp_path, "doctor", **settings)

    found = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [words[2] for words in found if words[:2] == ["weak", "exposure"]] == [
        "APP_CORS_ORIGINS=*",
        "APP_TRUSTED_PROXIES",
        "APP_HOST=0.0.0.0",
        "APP_HOST=0.0.0.0",
        "APP_HOST=0.0.0.0",
    ]


@pytest.mark.parametrize(
    ("url", "is_weak"),
    [
        ("postgresql://user:hunter2@db.example/todo", True),
        ("postgresql://user:hunter2@db.example/todo?sslmode=require", True),
        ("postgresql://user:hunter2@db.example/todo?sslmode=verify-ca", True),
        ("postgresql://user:hunter2@db.example/todo?sslmode=verify-full", False),
        ("postgresql://user:hunter2@127.0.0.1/todo", False),
        ("postgresql://user:hunter2@localhost/todo?sslmode=disable", False),
        ("postgresql://user:hunter2@[::1]/todo", False),
        ("postgresql://user:hunter2@%2Frun%2Fpostgresql/todo", False),
    ],
)
def test_the_doctor_says_when_another_could_be_taken_for_the_database(url: str, is_weak: bool) -> None:
    findings = [str(finding) for finding in examine_transport(parse_database_url(url))]

    assert len(findings) == is_weak
    assert all("sslmode=verify-full" in finding and "hunter2" not in finding for finding in findings)
