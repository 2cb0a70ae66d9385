"""Measure what telemetry costs a request, in the server's own processor time: `make bench`.

Three servers run side by side, and are asked in turn, so that noise of the machine hits them alike: with telemetry
off, with metrics and every tenth request recorded, and with every request recorded. What a server's exporting
threads take counts as well; the collector is this process. The least of the rounds is shown: noise only adds.
"""

import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import httpx

from bench.process import processor_us
from tests.process import COMMAND, environment
from tests.tools.otlp import receiving

ROUNDS: Final = 7
REQUESTS: Final = 200
# Wanted; the table says how far off they are.
GOALS_US: Final = {"10 % sampled": 160, "all recorded": 450}

MODES: Final = {
    "off": {"OTEL_SDK_DISABLED": "true"},
    "10 % sampled": {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"},
    "all recorded": {"OTEL_TRACES_SAMPLER": "always_on"},
}

FIELDS: Final = "id title description status priority version createdAt updatedAt"
LIST: Final = f"query List {{ todos(first: 50) {{ nodes {{ {FIELDS} }} }} }}"
BY_ID: Final = f"query Get($id: ID!) {{ todo(id: $id) {{ {FIELDS} }} }}"
CREATE: Final = "mutation Create($input: TodoCreateInput!) { todoCreate(input: $input) { __typename } }"


@dataclass(slots=True)
class Subject:
    """One server, and what its requests have taken: microseconds by operation, a figure a round."""

    pid: int
    client: httpx.Client
    todo_id: str
    taken_us: dict[str, list[float]] = field(default_factory=dict)

    def ask(self, operation: str, times: int) -> None:
        """Send one operation several times."""
        for _ in range(times):
            match operation:
                case "REST by id":
                    answer = self.client.get(f"/todos/{self.todo_id}")
                case "list of 50":
                    answer = self.client.post("/graphql", json={"query": LIST})
                case "by id":
                    answer = self.client.post("/graphql", json={"query": BY_ID, "variables": {"id": self.todo_id}})
                case _:
                    variables = {"input": {"title": "Measured"}}
                    answer = self.client.post("/graphql", json={"query": CREATE, "variables": variables})
            answer.raise_for_status()

    def measure(self, operation: str) -> None:
        """Ask for one round, and note what a request took."""
        before = processor_us(self.pid)
        self.ask(operation, REQUESTS)
        taken_us = (processor_us(self.pid) - before) / REQUESTS
        self.taken_us.setdefault(operation, []).append(taken_us)


OPERATIONS: Final = ("list of 50", "by id", "create", "REST by id")


def main() -> int:
    """Print a table."""
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        subjects = {name: _start(stack, receiver.grpc_address, mode) for name, mode in MODES.items()}
        for operation in OPERATIONS:
            for subject in subjects.values():
                subject.ask(operation, REQUESTS)
            for _ in range(ROUNDS):
                for subject in subjects.values():
                    subject.measure(operation)
    print(f"Microseconds of processor time a request, the least of {ROUNDS} rounds of {REQUESTS}.\n")
    print("| operation | off | 10 % sampled | all recorded |\n| --- | ---: | ---: | ---: |")
    for operation in OPERATIONS:
        off, *others = (min(subject.taken_us[operation]) for subject in subjects.values())
        print(f"| {operation} | {off:.0f} | " + " | ".join(f"{us:.0f} (+{us - off:.0f})" for us in others) + " |")
    print("| goal | | " + " | ".join(f"+{goal_us}" for goal_us in GOALS_US.values()) + " |")
    return 0


def _start(stack: ExitStack, collector: str, mode: dict[str, str]) -> Subject:
    directory = stack.enter_context(tempfile.TemporaryDirectory())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = {"APP_PORT": str(port), "OTEL_EXPORTER_OTLP_ENDPOINT": collector, **mode}
    # Nobody would read a pipe, and a server whose log lines nobody takes stands still.
    process = subprocess.Popen([*COMMAND, "serve"], cwd=directory, env=environment(settings), stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    transport = httpx.HTTPTransport(retries=8)  # Until it listens: the pauses double.
    client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=30))
    made = [client.post("/todos", json={"title": f"Todo {number}"}).json() for number in range(50)]
    return Subject(process.pid, client, made[0]["id"])


if __name__ == "__main__":
    sys.exit(main())
