"""Policy checks by checkov; what is waived stands beside what it is about, with its reason."""

import subprocess
import sys
from pathlib import Path


def run_checkov(framework: str, *, directory: Path, var_file: Path | None = None) -> None:
    """Check a directory; print the findings and exit if there are any."""
    program = str(Path(sys.executable).with_name("checkov"))
    command = [program, "--directory", str(directory), "--framework", framework]
    command += ["--compact", "--quiet", "--skip-download", "--download-external-modules", "false"]
    if var_file is not None:
        command += ["--var-file", str(var_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"checkov found something; mend it, or waive it with a reason:\n{done.stdout}{done.stderr}")
    print(f"checkov: no findings in {directory.name}.")
