"""Check ops/terraform with Terraform itself and checkov; run in the root of the repository.

Where Terraform can fetch the real provider it is used; elsewhere, and with TERRAFORM_PROVIDER=stand-in, the stand-in.
What changes Azure is never run: that is for the workflow `terraform`, behind an approval.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from ops.tools.checkov import run_checkov
from ops.tools.stand_in_provider import stand_in_provider

SOURCE: Final = Path("ops/terraform")
ENVIRONMENTS: Final = ("staging", "production")
_LOCAL_STATE: Final = 'terraform {\n  backend "local" {}\n}\n'


def main() -> None:
    """Check layout, validity, plans, tests and policies; exit with 1 at the first that fails."""
    if shutil.which("terraform") is None:
        sys.exit("terraform is missing: install version 1.11 or newer (HashiCorp's packages), or run this check in CI.")
    run(["terraform", "fmt", "-check", "-diff", "-recursive", str(SOURCE)], Path.cwd(), {})
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory, "terraform")
        # State and downloads of whoever works here stay out, and the provider's lock is the real one's.
        shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        is_real = reaches_registry(copy)
        print("Provider: the real azurerm." if is_real else "Provider: the stand-in, as no registry can be reached.")
        provider: AbstractContextManager[Mapping[str, str]] = nullcontext({}) if is_real else stand_in_provider()
        with provider as variables:
            for module in ("bootstrap", *(f"modules/{path.name}" for path in sorted(copy.glob("modules/*")))):
                check_module(copy / module, variables)
            check_root(copy, variables, is_real=is_real)
        for environment in ENVIRONMENTS:
            run_checkov("terraform", directory=SOURCE, var_file=SOURCE / "env" / f"{environment}.tfvars")


def reaches_registry(copy: Path) -> bool:
    """Say whether Terraform can fetch the real provider."""
    if os.environ.get("TERRAFORM_PROVIDER") == "stand-in":
        return False
    command = ["terraform", "init", "-backend=false", "-input=false", "-no-color"]
    return subprocess.run(command, cwd=copy, env=environment({}), capture_output=True, check=False).returncode == 0


def check_module(module: Path, variables: Mapping[str, str]) -> None:
    """Validate a module by itself, and run its tests."""
    print(f"== {module.name}")
    run(["terraform", "init", "-backend=false", "-input=false"], module, variables, is_quiet=True)
    run(["terraform", "validate"], module, variables)
    run(["terraform", "test"], module, variables)


def check_root(root: Path, variables: Mapping[str, str], *, is_real: bool) -> None:
    """Validate the whole, plan each environment, and run the tests with the variables of each."""
    # A plan wants a state to start from; here it starts from none.
    (root / "local_override.tf").write_text(_LOCAL_STATE)
    run(["terraform", "init", "-input=false", "-reconfigure"], root, variables, is_quiet=True)
    run(["terraform", "validate"], root, variables)
    for name in ENVIRONMENTS:
        print(f"== {name}")
        file = f"-var-file=env/{name}.tfvars"
        if is_real and "ARM_SUBSCRIPTION_ID" not in os.environ:
            print("No plan: the real provider plans only with a subscription (ARM_SUBSCRIPTION_ID).")
        else:
            run(
                ["terraform", "plan", "-input=false", "-lock=false", "-compact-warnings", file], root, variables, tail=1
            )
        run(["terraform", "test", file], root, variables)


def run(
    command: list[str], directory: Path, variables: Mapping[str, str], *, is_quiet: bool = False, tail: int = 0
) -> None:
    """Run Terraform; exit if it fails. `tail` shows only the line that sums a plan up."""
    done = subprocess.run(
        [*command, "-no-color"] if "fmt" not in command else command,
        cwd=directory,
        env=environment(variables),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed in {directory.name}:\n{done.stdout}{done.stderr}")
    if not is_quiet:
        lines = done.stdout.strip().splitlines()
        print(*([line for line in lines if line.startswith("Plan:")] if tail else lines[-1:]), sep="\n")


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Keep the settings of whoever runs this away from Terraform; an Azure login may stay."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return {**kept, "TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", **variables}


if __name__ == "__main__":
    main()
