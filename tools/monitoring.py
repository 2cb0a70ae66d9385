"""Programs that keep metrics, run for as long as a check needs them.

vmagent and Prometheus are programs of Debian 13 (packages victoria-metrics and prometheus), found on the path or in the
directory TOOLS. Debian's Prometheus takes no OTLP by itself.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

# Prometheus's own OTLP receiver makes these two labels of the resource.
_RELABELLING: Final = """
- {source_labels: [service_name], target_label: job}
- {source_labels: [service_instance_id], target_label: instance}
"""


@contextmanager
def running_prometheus(directory: Path) -> Iterator[str]:
    """Run Prometheus, which takes remote writes; give its address."""
    (directory / "prometheus.yml").write_text("global: {scrape_interval: 1m}\n")
    address = free_address()
    command = [
        program("prometheus"),
        f"--config.file={directory}/prometheus.yml",
        f"--storage.tsdb.path={directory}/prometheus",
        f"--web.listen-address={address}",
        "--web.enable-remote-write-receiver",
        "--log.level=error",
    ]
    with running(command, f"http://{address}/-/ready"):
        yield f"http://{address}"


@contextmanager
def running_vmagent(directory: Path, prometheus: str) -> Iterator[str]:
    """Run vmagent, which takes OTLP and writes to Prometheus; give the address for exporters."""
    (directory / "relabelling.yml").write_text(_RELABELLING)
    address = free_address()
    command = [
        program("vmagent"),
        f"-httpListenAddr={address}",
        f"-remoteWrite.url={prometheus}/api/v1/write",
        "-remoteWrite.forcePromProto",
        f"-remoteWrite.tmpDataPath={directory}/vmagent",
        f"-remoteWrite.relabelConfig={directory}/relabelling.yml",
        "-remoteWrite.flushInterval=1s",
        # Prometheus takes samples in the order of their times only.
        "-remoteWrite.queues=1",
        "-opentelemetry.usePrometheusNaming",
        "-loggerLevel=ERROR",
    ]
    with running(command, f"http://{address}/health"):
        yield f"http://{address}/opentelemetry"


def query(prometheus: str, expr: str) -> list[float]:
    """Evaluate PromQL now; give the values that are numbers."""
    data = urllib.parse.urlencode({"query": expr}).encode()
    try:
        with urllib.request.urlopen(f"{prometheus}/api/v1/query", data, timeout=10) as answer:
            found = json.load(answer)["data"]["result"]
    except urllib.error.HTTPError as error:
        raise SystemExit(f"Prometheus refuses {expr}: {error.read().decode()}") from error
    return [float(each["value"][1]) for each in found if each["value"][1] not in {"NaN", "+Inf", "-Inf"}]


@contextmanager
def running(command: Sequence[str], ready: str, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    """Run a program until the block is left; enter the block when it answers."""
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, env=environment, stderr=said) as process:
        try:
            while not _answers(ready):
                if process.poll() is not None:
                    said.seek(0)
                    raise SystemExit(f"{command[0]} has stopped: {said.read().decode()}")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=1):
        return True
    return False


def program(name: str) -> str:
    """Find a program on the path or in TOOLS."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("TOOLS", ""), os.environ["PATH"]]))
    if found is None:
        raise SystemExit(f"{name} is missing: it comes with Debian 13 (apt install prometheus victoria-metrics).")
    return found


def free_address() -> str:
    """Give an address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"
