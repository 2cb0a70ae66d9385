"""A PgBouncer for tests, where there is one: on the path, or named by TEST_PGBOUNCER."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_CONFIGURATION = """
[databases]
{name} = host={host} port={port} dbname={name} user={user} password={password}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool_size}
"""


def find_pgbouncer() -> str | None:
    """Find the program; Debian's package puts it where only root's path leads."""
    return os.environ.get("TEST_PGBOUNCER") or shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


@contextmanager
def running_pgbouncer(program: str, url: str, *, pool_size: int) -> Iterator[str]:
    """Put one in transaction mode before a database, until the end of the block, and give the URL through it."""
    parts = urlsplit(url)
    assert parts.hostname
    name = parts.path.removeprefix("/")
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen_port = free.getsockname()[1]
    as_nobody: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as directory:
        configuration = Path(directory) / "pgbouncer.ini"
        configuration.write_text(
            _CONFIGURATION.format(
                name=name,
                host=parts.hostname,
                port=parts.port or 5432,
                user=unquote(parts.username or ""),
                password=unquote(parts.password or ""),
                listen_port=listen_port,
                pool_size=pool_size,
            )
        )
        if os.geteuid() == 0:  # It refuses to run as root.
            nobody = pwd.getpwnam("nobody")
            as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (Path(directory), configuration):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        with subprocess.Popen(
            [program, "--quiet", str(configuration)], stderr=subprocess.DEVNULL, **as_nobody
        ) as process:
            try:
                _wait_for(listen_port, process)
                yield f"postgresql://{parts.username}@127.0.0.1:{listen_port}/{name}"
            finally:
                process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"PgBouncer has ended with {process.returncode}.")
