"""Build the image, look into it, run it as strictly as production does, and take it away: `make verify-image`.

Figures are printed and not judged: they depend on the machine.
"""

import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from ops.tools.client import Client, walk
from ops.tools.containers import (
    CheckFailed,
    check,
    docker,
    inspect,
    memory_mib,
    published_port,
    succeeds,
    wait_until_healthy,
)
from ops.tools.subscriber import subscribed, walk_subscriptions

ROOT: Final = Path(__file__).parents[2]
NAME: Final = f"todo-app-verify-{os.getpid()}"
BASE: Final = "python:3.12-slim"
REQUESTS: Final = 10_000
STRICTLY: Final = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--memory=256m",
    "--pids-limit=64",
)

# What makes programs, or fetches them. pip is of the base image.
_TOOLS: Final = frozenset(
    {"cc", "gcc", "g++", "c++", "clang", "ld", "as", "make", "strip", "node", "npm", "uv", "git", "curl"}
)
_SECRET: Final = re.compile(
    r"(^|/)(\.env(\..*)?|\.git|\.netrc|\.npmrc|\.pypirc|pgpass|id_(rsa|ed25519)|.*\.(key|db|sqlite3?))$"
)


def main() -> None:
    """Check the image, or say in one sentence what is wrong with it."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    try:
        with _image(commit):
            _check_settings(commit)
            _check_contents()
            with _volume():
                _check_service(commit)
    except CheckFailed as failure:
        sys.exit(f"The image is not as it should be. {failure}")
    print("The image is as it should be.")


@contextmanager
def _image(commit: str) -> Iterator[None]:
    """Build the image twice: what comes of the same files is the same."""
    build = (
        "build",
        "--build-arg",
        f"APP_COMMIT={commit}",
        "--build-arg",
        "SOURCE_DATE_EPOCH=0",
        "--tag",
        NAME,
        str(ROOT),
    )
    try:
        started = time.monotonic()
        docker(*build)
        first, first_s = _own_files(), time.monotonic() - started
        started = time.monotonic()
        docker(*build, "--no-cache")
        second, second_s = _own_files(), time.monotonic() - started
        print(f"built in {first_s:.0f} s with what was cached, in {second_s:.0f} s without")
        check(first == second, f"Two builds differ in {sorted(each[0] for each in first ^ second)[:5]}.")
        yield
    finally:
        succeeds("image", "rm", "--force", NAME)


def _own_files() -> set[tuple[str, int, int, int | float, str]]:
    """Read what the image adds to its base: the name, mode, owner, time and content of every file.

    Not the digests of the layers: in which order a layer has its files depends on what the builder had cached.
    """
    files: set[tuple[str, int, int, int | float, str]] = set()
    with _exported() as archive:
        for each in archive:
            if each.name.startswith(("opt/", "data/")):
                content = archive.extractfile(each) if each.isreg() else None
                digest = sha256(content.read()).hexdigest() if content else each.linkname
                files.add((each.name, each.mode, each.uid, each.mtime, digest))
    return files


@contextmanager
def _exported() -> Iterator[tarfile.TarFile]:
    """Give the file system of the image, to be read once from front to back."""
    docker("create", "--name", NAME, NAME)
    try:
        with (
            subprocess.Popen(["docker", "export", NAME], stdout=subprocess.PIPE) as export,
            tarfile.open(fileobj=export.stdout, mode="r|") as archive,
        ):
            yield archive
    finally:
        docker("rm", "--volumes", NAME)


@contextmanager
def _volume() -> Iterator[None]:
    docker("volume", "create", NAME)
    try:
        yield
    finally:
        succeeds("volume", "rm", "--force", NAME)


def _check_settings(commit: str) -> None:
    for line in docker("history", "--format", "{{.Size}}\t{{.CreatedBy}}", NAME).splitlines():
        size, _, created_by = line.partition("\t")
        if size != "0B":
            print(f"layer {size:>7}  {created_by[:60]}")
    whole, base = (int(str(inspect(name, ".Size"))) / 1e6 for name in (NAME, BASE))
    print(f"size {whole:.1f} MB, of which {base:.1f} MB are those of this machine's {BASE}")
    check(inspect(NAME, ".Config.User") == "10001:10001", "The image does not run as 10001:10001.")
    check(inspect(NAME, ".Config.StopSignal") == "SIGTERM", "The image is not stopped with SIGTERM.")
    check(inspect(NAME, ".Config.Volumes") == {"/data": {}}, "The image does not keep /data in a volume.")
    check(inspect(NAME, ".Config.Cmd") == ["todo-gql", "serve"], "The image does not run `todo-gql serve`.")
    labels = inspect(NAME, ".Config.Labels")
    revision = labels.get("org.opencontainers.image.revision") if isinstance(labels, dict) else None
    check(revision == commit, f"The label of the revision is {revision}.")


def _check_contents() -> None:
    """Look at every file: nothing that is not needed, nothing secret, nothing that the service could change."""
    with _exported() as archive:
        entries = [(each.name, each.mode, each.uid) for each in archive if not each.issym()]
    names = [name for name, _, _ in entries]
    tools = [
        name for name in names if re.match(r"(usr/(local/)?|opt/todo-gql/)?s?bin/", name) and Path(name).name in _TOOLS
    ]
    check(tools == [], f"The image has tools in it: {tools}.")
    secrets = [name for name in names if _SECRET.search(name)]
    check(secrets == [], f"The image may have secrets in it: {secrets}.")
    packages = {name.partition("/site-packages/")[2].partition("/")[0] for name in names if name.startswith("opt/")}
    check("todo_gql" in packages, "The image does not have the service in it.")
    check(not packages & {"tests", "pytest", "mypy"}, "The image has tests in it.")
    check(any(name.endswith("graphiql/static/graphql.html") for name in names), "The explorer is not in the image.")
    foreign = [name for name, mode, uid in entries if name.startswith("opt/") and (uid != 0 or mode & 0o022)]
    check(foreign == [], f"The service could change its own files: {foreign[:5]}.")
    own = [name for name, _, uid in entries if uid == 10001]
    check(own == ["data"], f"The user of the service owns {own[:5]}.")
    print(f"{len(names)} files: no tools, no tests, no secrets; its user owns /data alone")


def _check_service(commit: str) -> None:
    with _running() as port, closing(Client(port)) as client:
        walk(client)
        told = client.graphql("{ service { commit } }")["service"]["commit"]
        check(told == commit, f"The service says that it was built from {told}.")
        check(docker("exec", NAME, "id", "-u") == "10001", "The service does not run as 10001.")
        for path in ("/opt/todo-gql/x", "/usr/local/bin/x", "/tmp/x"):  # noqa: S108  That it cannot be written is the point.
            check(not succeeds("exec", NAME, "touch", path), f"The service can write {path}.")
        check(succeeds("exec", NAME, "touch", "/data/x"), "The service cannot write /data.")
        walk_subscriptions(port)
        kept = client.create("Is here after a restart")
        _print_memory(client)
        client.close()
        with subscribed(port) as stream:
            _stop()
            told = stream.end()
            check(
                told.endswith(b"retry: 1000\n\n"),
                f"A stream that SIGTERM ended was not told when to come back: {told!r}.",
            )
    with _running() as port, closing(Client(port)) as client:
        found = client.get(f"/todos/{kept}").body
        check(found.get("title") == "Is here after a restart", f"The volume did not keep a todo: {found}.")


@contextmanager
def _running() -> Iterator[int]:
    """Run the image on the volume, and give the port that leads to the service."""
    started = time.monotonic()
    docker(
        "run", "--detach", "--name", NAME, *STRICTLY, "--volume", f"{NAME}:/data", "--publish", "127.0.0.1::8082", NAME
    )
    try:
        port = published_port(NAME, 8082)
        _wait_for_first_answer(port)
        print(f"answers {time.monotonic() - started:.1f} s after `docker run`")
        wait_until_healthy(NAME)
        yield port
    finally:
        docker("rm", "--force", NAME)


def _wait_for_first_answer(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with closing(Client(port)) as client:
            try:
                client.get("/livez")
            except OSError:
                time.sleep(0.02)
            else:
                return
    raise CheckFailed(f"The service does not answer: {docker('logs', NAME)}")


def _print_memory(client: Client) -> None:
    idle = memory_mib(NAME)
    document = "{ todos(first: 20) { nodes { id title isBlocked dependencies { title } } } }"
    for _ in range(REQUESTS):
        client.graphql(document)
    print(f"memory {idle:.0f} MiB idle, {memory_mib(NAME):.0f} MiB after {REQUESTS} requests")


def _stop() -> None:
    started = time.monotonic()
    docker("stop", NAME)
    print(f"stopped {time.monotonic() - started:.1f} s after SIGTERM")
    log = subprocess.run(["docker", "logs", NAME], capture_output=True, text=True, check=True).stderr
    check(
        inspect(NAME, ".State.ExitCode") == 0,
        f"SIGTERM ended the service with code {inspect(NAME, '.State.ExitCode')}.",
    )
    check(log.rstrip().endswith("todo-gql has stopped"), f"SIGTERM did not stop the service cleanly: {log[-500:]}")


if __name__ == "__main__":
    main()
