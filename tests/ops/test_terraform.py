import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TERRAFORM = ROOT / "ops/terraform"
MODULES = sorted(path for path in (TERRAFORM / "modules").iterdir())
ENVIRONMENTS = sorted(path for path in (TERRAFORM / "env").iterdir())


def blocks(kind: str, text: str) -> dict[str, str]:
    """The blocks of one kind, by name; terraform fmt lets each end with a brace at the beginning of its line."""
    return dict(re.findall(rf'^{kind} "(\w+)" {{\n(.*?)^}}', text, re.MULTILINE | re.DOTALL))


VARIABLES = [
    pytest.param(body, id=f"{path.parent.relative_to(TERRAFORM)}:{name}")
    for path in sorted(TERRAFORM.rglob("variables.tf"))
    for name, body in blocks("variable", path.read_text()).items()
]


@pytest.mark.parametrize("body", VARIABLES)
def test_a_variable_is_typed_described_and_checked(body: str) -> None:
    assert re.search(r"^  type +=", body, re.MULTILINE)
    assert re.search(r"^  description += \"[^\"]+\.\"$", body, re.MULTILINE)
    # A truth value needs no more than to be one.
    is_plain_truth = "= bool\n" in body and "nullable    = false" in body
    # Tags can be anything; what Azure says of them is how many there may be.
    assert "validation {" in body or is_plain_truth


def test_no_variable_is_a_secret() -> None:
    names = [name for path in TERRAFORM.rglob("variables.tf") for name in blocks("variable", path.read_text())]

    assert [name for name in names if re.search("password|secret|token|credential|key", name)] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_has_tests_with_a_mock_provider(module: Path) -> None:
    [text] = [path.read_text() for path in module.glob("tests/*.tftest.hcl")]

    assert 'mock_provider "azurerm"' in text
    assert len(blocks("run", text)) >= 3


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_sets_known_variables_and_all_that_have_no_default(file: Path) -> None:
    variables = blocks("variable", (TERRAFORM / "variables.tf").read_text())
    needed = {name for name, body in variables.items() if not re.search(r"^  default +=", body, re.MULTILINE)}

    is_set = set(re.findall(r"^(\w+) +=", file.read_text(), re.MULTILINE))

    assert needed <= is_set <= set(variables)
    assert f'environment = "{file.stem}"' in file.read_text()


@pytest.mark.parametrize(
    "name", ["terraform.tfstate", "terraform.tfstate.backup", "todo.tfplan", "state.tfbackend", ".terraform/x"]
)
def test_git_refuses_states_plans_and_where_they_lie(name: str) -> None:
    assert subprocess.run(["git", "check-ignore", "--quiet", TERRAFORM / name], cwd=ROOT, check=False).returncode == 0


def test_git_keeps_the_lock_of_the_provider() -> None:
    lock = TERRAFORM / ".terraform.lock.hcl"

    assert subprocess.run(["git", "check-ignore", "--quiet", lock], cwd=ROOT, check=False).returncode == 1


def test_no_state_was_committed() -> None:
    files = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()

    assert [file for file in files if re.search(r"\.(tfstate|tfplan|tfbackend)\b", file)] == []


def test_a_waiver_has_a_reason() -> None:
    waivers = [
        line for path in TERRAFORM.rglob("*.tf") for line in path.read_text().splitlines() if "checkov:skip" in line
    ]

    assert [line for line in waivers if not re.fullmatch(r" +#checkov:skip=\w+:.{30,}\.", line)] == []
