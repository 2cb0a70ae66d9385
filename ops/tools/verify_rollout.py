"""Replace each process of the service behind a real Traefik, as Kubernetes replaces pods; run in the root.

Traefik gets what ops/k8s gives it there: the middlewares, how it talks to the service, how long it waits for callers.
The order of events is that of a rolling update with maxSurge 1 and maxUnavailable 0: a new process, ready by its
readiness probe, joins; an old one is told to stop, of which Traefik hears later than it; after preStop it gets SIGTERM.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from tests.process import COMMAND, environment
from tests.tools.postgres import running_postgresql
from todo_gql.database import parse_database_url
from todo_gql.database.migrations import upgrade
from todo_gql.server import listen

TRAEFIK: Final = Path(".tools/ops/bin/traefik")
CALLERS: Final = 6
PAUSE_S: Final = 0.1
"""Of each caller between two requests; together they stay below the rate that Traefik allows to one address."""
IDLE_CALLERS: Final = 6
IDLE_PAUSE_S: Final = 4.9
"""Of callers whose connections are about to be closed by the service when they are used again."""
PROPAGATION_S: Final = 2.0
"""How much later than the pod Traefik hears that it is to stop."""
MAX_BODY_BYTES: Final = 1_048_576


def main() -> None:
    """Replace all processes under load; exit with 1 if a request failed, or if a limit does not hold."""
    manifests = list(
        yaml.safe_load_all(subprocess.check_output(["kubectl", "kustomize", "ops/k8s/overlays/local"], text=True))
    )
    with running_postgresql() as server, tempfile.TemporaryDirectory() as directory:
        url = server.url_of(server.create_database())
        complaints = asyncio.run(verify(Path(directory), url, manifests))
    sys.exit("\n".join(complaints) or None)


async def verify(directory: Path, database_url: str, manifests: list[dict[str, Any]]) -> list[str]:
    """Run the update and try the limits; give what went wrong, a sentence each."""
    await upgrade(parse_database_url(database_url))
    container = one(manifests, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    pause_s = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    async with AsyncExitStack() as stack:
        running: list[tuple[str, AsyncExitStack]] = []

        async def start() -> None:
            process = await stack.enter_async_context(AsyncExitStack())
            running.append((await process.enter_async_context(service(directory, database_url)), process))

        await start()
        await start()
        route(directory, manifests, [address for address, _ in running])
        front = stack.enter_context(traefik(directory))
        await answering(f"{front}/readyz")
        async with load(front) as answers:
            for _ in range(2):
                await start()
                route(directory, manifests, [address for address, _ in running])
                (_, leaving), *running = running
                # The pod is told now; SIGTERM comes after preStop, and Traefik hears of it whenever it does.
                async with asyncio.TaskGroup() as group:
                    stopping = group.create_task(after(pause_s, leaving.aclose()))
                    await asyncio.sleep(PROPAGATION_S)
                    route(directory, manifests, [address for address, _ in running])
                    await stopping
        failed = Counter({answer: count for answer, count in answers.items() if answer not in {200, 201}})
        print(f"{answers.total()} requests while both processes were replaced, {failed.total()} failed.")
        complaints = [f"{count} requests ended with {answer}." for answer, count in failed.items()]
        return complaints + await limits(front)


async def after(pause_s: float, act: Awaitable[None]) -> None:
    """Do something later."""
    await asyncio.sleep(pause_s)
    await act


async def limits(front: str) -> list[str]:
    """Send too much, at once and in all."""
    async with httpx.AsyncClient(base_url=front, timeout=60) as client:
        headers = {"Content-Type": "application/json"}
        declared = await client.post("/graphql", headers=headers, content=b" " * (MAX_BODY_BYTES + 1))
        chunked = await client.post("/graphql", headers=headers, content=chunks())
        many = Counter(each.status_code for each in await asyncio.gather(*(client.get("/livez") for _ in range(600))))
    print(
        f"A body that is too large: {declared.status_code}, {chunked.status_code}. 600 requests at once: {dict(many)}."
    )
    complaints = []
    if (declared.status_code, chunked.status_code) != (413, 413):
        complaints.append("A body that is too large is not refused with 413.")
    if many.keys() != {200, 429}:
        complaints.append("Traefik does not limit how often one caller asks.")
    return complaints


async def chunks() -> AsyncIterator[bytes]:
    """Give a body of unknown length, a KiB longer than is allowed."""
    for _ in range(MAX_BODY_BYTES // 1024 + 1):
        yield b" " * 1024


@asynccontextmanager
async def service(directory: Path, database_url: str) -> AsyncIterator[str]:
    """Run a process of the service until the block is left, and then stop it as Kubernetes does; gives its address."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    settings = {"APP_PORT": str(port), "APP_DATABASE_URL": database_url, "APP_TRUSTED_PROXIES": "127.0.0.1"}
    with (directory / f"{port}.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "serve", env=environment(settings), stdout=log, stderr=log
        )
    try:
        await answering(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@contextmanager
def traefik(directory: Path) -> Iterator[str]:
    """Run Traefik with the time-outs of its Helm values; gives its address."""
    values = yaml.safe_load(Path("ops/k8s/traefik/values.yaml").read_text(encoding="utf-8"))
    patience = values["ports"]["web"]["transport"]["respondingTimeouts"]
    with listen("127.0.0.1", 0) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = [f"--entryPoints.web.transport.respondingTimeouts.{name}={value}" for name, value in patience.items()]
    process = subprocess.Popen(
        [
            str(TRAEFIK.absolute()),
            f"--entryPoints.web.address={address}",
            f"--providers.file.directory={directory / 'dynamic'}",
            "--log.level=ERROR",
            *options,
        ],
        env={"PATH": os.environ["PATH"]},
    )
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def route(directory: Path, manifests: list[dict[str, Any]], addresses: list[str]) -> None:
    """Tell Traefik what runs. Its file has the fields of the manifests; it sees that one took another's place."""
    middlewares = {each["metadata"]["name"]: each["spec"] for each in manifests if each["kind"] == "Middleware"}
    balancer = {"serversTransport": "service", "servers": [{"url": address} for address in addresses]}
    dynamic = {
        "routers": {"service": {"rule": "PathPrefix(`/`)", "service": "service", "middlewares": list(middlewares)}},
        "middlewares": middlewares,
        "serversTransports": {"service": one(manifests, "ServersTransport")["spec"]},
        "services": {"service": {"loadBalancer": balancer}},
    }
    new = directory / "dynamic.new"
    new.write_text(yaml.safe_dump({"http": dynamic}), encoding="utf-8")
    (directory / "dynamic").mkdir(exist_ok=True)
    new.rename(directory / "dynamic/service.yaml")


def one(manifests: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Find the manifest of the service of one kind."""
    [found] = [each for each in manifests if (each["kind"], each["metadata"]["name"]) == (kind, "todo-service")]
    return found


async def answering(url: str) -> None:
    """Wait until an address answers with 200."""
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            with suppress(httpx.TransportError):
                if (await client.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise TimeoutError(f"{url} does not answer.")


@asynccontextmanager
async def load(front: str) -> AsyncIterator[Counter[object]]:
    """Call the service, reading and writing, until the block is left; counts statuses, and failures by their names."""
    answers: Counter[object] = Counter()
    is_over = asyncio.Event()

    async def call(number: int) -> None:
        pause_s = PAUSE_S if number < CALLERS else IDLE_PAUSE_S
        async with httpx.AsyncClient(base_url=front) as client:
            while not is_over.is_set():
                try:
                    if number % 2:
                        query = {"query": "{ todos(first: 5) { nodes { id } } }"}
                        answers[(await client.post("/graphql", json=query)).status_code] += 1
                    else:
                        todo = {"title": "Buy yeast", "description": "Fresh"}
                        answers[(await client.post("/todos", json=todo)).status_code] += 1
                except httpx.TransportError as error:
                    answers[type(error).__name__] += 1
                with suppress(TimeoutError):
                    await asyncio.wait_for(is_over.wait(), pause_s)

    async with asyncio.TaskGroup() as group:
        for number in range(CALLERS + IDLE_CALLERS):
            group.create_task(call(number))
        yield answers
        is_over.set()


if __name__ == "__main__":
    main()
