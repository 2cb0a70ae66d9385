import os
from datetime import UTC, datetime

import pytest

from todo_gql.settings import Settings, SettingsError, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("APP_"):
            monkeypatch.delenv(name)


def test_every_setting_has_a_default() -> None:
    settings = load_settings()

    assert settings.database_url.get_secret_value() == "sqlite:///todo.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8082)
    assert settings.rest_deprecated_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert settings.rest_sunset is None


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_DATABASE_URL", "postgresql://user:pw@host:5432/tododb")
    monkeypatch.setenv("APP_PORT", "80")
    monkeypatch.setenv("APP_FAULT_INJECTION", "true")

    settings = load_settings()

    assert settings.database_url.get_secret_value() == "postgresql://user:pw@host:5432/tododb"
    assert settings.port == 80
    assert settings.fault_injection


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_PORT", "")

    settings = load_settings()

    assert settings.port == 8082


def test_the_database_url_is_never_printed() -> None:
    settings = Settings.model_validate({"database_url": "postgresql://user:hunter2@host/name"})

    printed = f"{settings} {settings!r} {settings.model_dump_json()}"

    assert "hunter2" not in printed


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        pytest.param("2027-06-01", datetime(2027, 6, 1, tzinfo=UTC), id="a date is its first instant in UTC"),
        pytest.param("2027-06-01T08:30:00Z", datetime(2027, 6, 1, 8, 30, tzinfo=UTC), id="an instant in UTC"),
        pytest.param("2027-06-01T01:30:00+02:00", datetime(2027, 5, 31, 23, 30, tzinfo=UTC), id="an instant elsewhere"),
    ],
)
def test_an_instant_is_read_as_utc(text: str, instant: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_REST_SUNSET", text)

    settings = load_settings()

    assert settings.rest_sunset == instant
    assert settings.rest_sunset.tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("APP_PORT", "http", "APP_PORT must be a whole number from 0 to 65535, not 'http'."),
        ("APP_PORT", "65536", "APP_PORT must be a whole number from 0 to 65535, not '65536'."),
        ("APP_LIMIT_PAGE", "0", "APP_LIMIT_PAGE must be a whole number from 20 to 1000, not '0'."),
        ("APP_LIMIT_PAGE", "19", "APP_LIMIT_PAGE must be a whole number from 20 to 1000, not '19'."),
        ("APP_LIMIT_BULK", "501", "APP_LIMIT_BULK must be a whole number from 1 to 500, not '501'."),
        ("APP_FAULT_INJECTION", "perhaps", "APP_FAULT_INJECTION must be true or false, not 'perhaps'."),
        (
            "APP_AUTH_ISSUER",
            "http://id.example.com",
            "APP_AUTH_ISSUER must be a URL that begins with https:// (or leads to this machine), without a query, "
            "not 'http://id.example.com'.",
        ),
        (
            "APP_AUTH_ISSUER",
            "http://localhost:80@id.example.com/",
            "APP_AUTH_ISSUER must be a URL that begins with https:// (or leads to this machine), without a query, "
            "not 'http://localhost:80@id.example.com/'.",
        ),
        (
            "APP_AUTH_AUDIENCE",
            "todos, others",
            "APP_AUTH_AUDIENCE must be an audience, or several with commas and no spaces between, not 'todos, others'.",
        ),
        (
            "APP_REST_SUNSET",
            "2027-06-01T08:30:00",
            "APP_REST_SUNSET must be a date (2026-11-23) or an instant with its offset (2026-11-23T08:00:00Z), "
            "not '2027-06-01T08:30:00'.",
        ),
        (
            "APP_REST_DEPRECATED_AT",
            "soon",
            "APP_REST_DEPRECATED_AT must be a date (2026-11-23) or an instant with its offset (2026-11-23T08:00:00Z), "
            "not 'soon'.",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as refusal:
        load_settings()

    assert refusal.value.sentences == (sentence,)


def test_each_wrong_value_has_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_PORT", "-1")
    monkeypatch.setenv("APP_LIMIT_BODY", "1 MiB")

    with pytest.raises(SettingsError) as refusal:
        load_settings()

    assert refusal.value.sentences == (
        "APP_PORT must be a whole number from 0 to 65535, not '-1'.",
        "APP_LIMIT_BODY must be a whole number from 1024 to 67108864, not '1 MiB'.",
    )


def test_unknown_variables_are_named_with_the_nearest_known_one() -> None:
    environment = {"APP_DATABSE_URL": "x", "APP_COLOUR": "x", "APP_PORT": "1", "PATH": "x", "OTEL_TRACES_EXPORTER": "x"}

    sentences = list(unknown_variables(environment))

    assert sentences == [
        "APP_COLOUR is not a setting and is ignored.",
        "APP_DATABSE_URL is not a setting and is ignored; did you mean APP_DATABASE_URL?",
    ]


@pytest.mark.parametrize(
    ("present", "value", "absent"),
    [
        ("APP_AUTH_ISSUER", "https://id.example.com", "APP_AUTH_AUDIENCE"),
        ("APP_AUTH_AUDIENCE", "todos", "APP_AUTH_ISSUER"),
    ],
)
def test_half_of_authentication_is_refused(
    present: str, value: str, absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(present, value)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert refused.value.sentences == (f"{present} is set without {absent}: set both, or neither.",)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.microsoftonline.com/72f988bf-0000-4000-8000-000000000000/v2.0",
        "https://sts.windows.net/72f988bf-0000-4000-8000-000000000000/",
        "https://id.example.com/realms/todos",
        "http://localhost:8080/realms/todos",
        "http://[::1]:8080",
    ],
)
def test_an_issuer_is_reached_by_https_or_on_this_machine(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_AUTH_ISSUER", issuer)
    monkeypatch.setenv("APP_AUTH_AUDIENCE", "todos,api://todos")

    settings = load_settings()

    assert (settings.auth_issuer, settings.auth_audience) == (issuer, "todos,api://todos")


def test_lists_have_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ALLOWED_HOSTS", "Todo.example.com, *.example.org")
    monkeypatch.setenv("APP_TRUSTED_PROXIES", "10.0.0.0/8,::1")
    monkeypatch.setenv("APP_CORS_ORIGINS", "https://app.example.com,http://localhost:5173")

    settings = load_settings()

    assert settings.allowed_hosts == ("todo.example.com", "*.example.org")
    assert list(map(str, settings.trusted_proxies)) == ["10.0.0.0/8", "::1/128"]
    assert settings.cors_origins == ("https://app.example.com", "http://localhost:5173")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "APP_ALLOWED_HOSTS",
            "https://todo.example.com",
            "names without ports, such as todo.example.com,*.example.org",
        ),
        ("APP_ALLOWED_HOSTS", "todo.example.com:8082", "names without ports, such as todo.example.com,*.example.org"),
        ("APP_TRUSTED_PROXIES", "10.0.0.1/8", "addresses or networks, such as 10.0.0.0/8,fd00::1"),
        ("APP_TRUSTED_PROXIES", "traefik", "addresses or networks, such as 10.0.0.0/8,fd00::1"),
        ("APP_CORS_ORIGINS", "https://app.example.com/", "origins, such as https://app.example.com, or *"),
        ("APP_CORS_ORIGINS", "app.example.com", "origins, such as https://app.example.com, or *"),
        ("APP_CORS_ORIGINS", "null", "origins, such as https://app.example.com, or *"),
    ],
)
def test_a_list_with_a_wrong_item_is_refused_once(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as refusal:
        load_settings()

    assert refusal.value.sentences == (f"{name} must be {expected}, not {value!r}.",)
