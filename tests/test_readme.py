import json
import re
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests import loopback
from tests.command import call
from tests.process import serving
from todo_gql.settings import Settings, variable

pytestmark = pytest.mark.process

README = (Path(__file__).parent.parent / "README.md").read_text()


def shown(default: object) -> str:
    match default:
        case None | ():
            return "unset"
        case bool():
            return f"`{str(default).lower()}`"
        case SecretStr():
            return f"`{default.get_secret_value()}`"
        case datetime():
            return f"`{default:%Y-%m-%d}`"
        case _:
            return f"`{default}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_in_the_readme_with_its_default_and_meaning(name: str) -> None:
    field = Settings.model_fields[name]

    row = f"| `{variable(name)}` | {shown(field.default)} | {field.description} |"

    assert row in README.splitlines()


def test_the_readme_names_no_other_settings() -> None:
    rows = [line for line in README.splitlines() if line.startswith("| `APP_")]

    assert len(rows) == len(Settings.model_fields)


def test_every_command_is_in_the_readme(tmp_path: Path) -> None:
    commands = set(re.findall(r"^    (\w+)  ", call(tmp_path, "--help").stdout, re.MULTILINE))

    shown = set(re.findall(r"^\| `todo-gql (\w+)", README, re.MULTILINE))

    assert commands
    assert shown == commands


def test_its_calls_give_the_answers_that_it_shows(tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2

    with serving(tmp_path) as service:
        call(tmp_path, "seed", "--url", service.url)
        answers = [
            subprocess.check_output(["sh", "-c", command.replace("http://127.0.0.1:8082", service.url)], text=True)
            for command, _ in blocks
        ]

    for answer, (_, shown_answer) in zip(answers, blocks, strict=True):
        assert {**json.loads(shown_answer), **made_by_the_service(answer)} == json.loads(answer)


def test_its_stream_tells_what_it_shows(tmp_path: Path) -> None:
    [(command, told)] = re.findall(r"```sh\n(curl -sN .*?)```\n\n```\n(.*?)```", README, re.DOTALL)
    with serving(tmp_path) as service:
        listening = command.replace("http://127.0.0.1:8082", service.url)
        with subprocess.Popen(["sh", "-c", f"exec {listening}"], stdout=subprocess.PIPE, text=True) as curl:
            assert curl.stdout
            # The time to wait before coming back, and a comment: now it listens.
            lines = [curl.stdout.readline() for _ in range(4)]
            loopback.post(f"{service.url}/todos", json={"title": "Buy yeast"}).raise_for_status()
            lines += [curl.stdout.readline() for _ in range(3)]
            curl.kill()

    is_id = re.compile("^id: .+$", re.MULTILINE)
    assert is_id.sub("id", "".join(lines)) == is_id.sub("id", told)


def made_by_the_service(answer: str) -> dict[str, str]:
    return {name: value for name, value in json.loads(answer).items() if name in {"id", "created_at", "updated_at"}}
