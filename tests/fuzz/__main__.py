"""Try for a long time to break what the service describes: `make fuzz`, with a seed of its own each time.

What breaks is printed with a request that does it again; options go to schemathesis (`ARGS="--max-examples 5000"`).
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.campaign import TARGETS, run_campaign
from tests.process import serving


def main(options: list[str]) -> int:
    """Try each target; give the exit code."""
    sound = True
    for target in TARGETS:
        with TemporaryDirectory() as directory, serving(Path(directory)) as service:
            print(f"{target} at {service.url}", flush=True)
            report = run_campaign(service, target, Path(directory), "--max-examples=500", *options)
        print(report.text, *report.faults, sep="\n", flush=True)
        sound = sound and report.succeeded and not report.faults
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
