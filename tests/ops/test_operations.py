import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/operations.md").read_text()
COMMANDS = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))


def outputs(folder: str) -> set[str]:
    return set(re.findall(r'^output "(\w+)"', (ROOT / folder / "outputs.tf").read_text(), re.MULTILINE))


def test_the_files_that_it_names_are_there() -> None:
    named = set(re.findall(r"\b((?:ops|docs|todo_gql)/[\w./-]*[\w])", TEXT))
    made = {"ops/terraform/state.tfbackend", "ops/terraform/bootstrap/backend_override.tf"}
    kept = {name for name in named if name.endswith((".tfstate", ".terraform.lock.hcl"))}

    assert [name for name in sorted(named - made - kept) if not (ROOT / name).exists()] == []


def test_the_outputs_that_it_reads_are_told() -> None:
    told = outputs("ops/terraform")

    assert set(re.findall(r"\$\(output (\w+)\)", COMMANDS)) <= told
    assert set(re.findall(r"\$\(bootstrap (\w+)", COMMANDS)) <= outputs("ops/terraform/bootstrap")


def test_every_variable_of_the_workflows_is_set() -> None:
    workflows = "\n".join(path.read_text() for path in (ROOT / ".github/workflows").iterdir())
    wanted = set(re.findall(r"vars\.(\w+)", workflows))

    is_set = set(re.findall(r"(?:tell|gh variable set) ([A-Z_]+)", COMMANDS))

    # Production's alone, told of in the text.
    assert wanted - is_set == {"SOURCE_REGISTRY"}
    assert "`SOURCE_REGISTRY`" in TEXT


def test_the_variables_of_terraform_that_it_names_are_there() -> None:
    variables = (ROOT / "ops/terraform/variables.tf").read_text() + (
        ROOT / "ops/terraform/bootstrap/variables.tf"
    ).read_text()

    named = re.findall(r"-var (\w+)=|`(\w+) = |In the variables: (\w+) =", TEXT)

    assert [name for names in named for name in names if name and f'variable "{name}"' not in variables] == []


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(#([\w-]+)\)", TEXT))))
def test_a_link_leads_somewhere(link: str) -> None:
    headings = {
        re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }

    assert link in headings


def test_every_alert_has_its_answer() -> None:
    files = [yaml.safe_load(path.read_text()) for path in (ROOT / "ops/dashboards").glob("*.yaml")]
    titles = [rule["title"] for file in files for group in file.get("groups", []) for rule in group["rules"]]

    assert [title for title in titles if f"### {title}\n" not in TEXT] == []
