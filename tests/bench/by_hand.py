"""The same swaps by hand, as somebody would who has done it often: no ledger, no lock, no way back.

Start the new one, ask for its health at once and then every 100 ms, move the traffic, stop the old one.
The traffic is moved by writing one line for a proxy that is there already, which costs nothing; so all the time is the
tools' own.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from integrations._docker import program
from integrations._docker.section import Service
from integrations._environment import minimal
from tests.bench.programs import PORT
from tests.bench.serving import free_port

ASK_EVERY, PATIENCE = 0.1, 30.0
GRACE = "1"  # seconds, as in the catalog

Swap = Callable[[str], None]  # by the digest of what is to serve


@dataclass
class Processes:
    """Swaps local processes: unpacks the artefact, starts it, stops the old one."""

    data: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def swap(self, digest: str) -> None:
        port, folder = free_port(), self.data / "by-hand" / str(time.monotonic_ns())
        with tarfile.open(self.data / "artefacts" / f"{digest.removeprefix('sha256:')}.tar") as packed:
            packed.extractall(folder, filter="data")
        words, variables = ["python3", "server.py"], minimal({"PORT": str(port)})
        self.running.append(subprocess.Popen(words, cwd=folder, env=variables, start_new_session=True))
        _moved(self.data, port)
        self.stop(self.running[:-1])

    def stop(self, some: Sequence[subprocess.Popen[bytes]]) -> None:
        for one in some:
            one.terminate()
            one.wait()
            self.running.remove(one)


def docker(data: Path, label: str) -> Swap:
    """Swap containers with the docker command."""
    running: list[str] = []

    def swap(digest: str) -> None:
        port = free_port()
        options = ["--detach", "--label", label, "--restart", "unless-stopped"]
        running.append(_said("docker", "run", *options, "--publish", f"127.0.0.1:{port}:{PORT}", digest))
        _moved(data, port)
        _stopped(running[:-1])
        del running[:-1]

    return swap


def compose(data: Path, label: str, section: Service) -> Swap:
    """Swap the containers of a service with the compose that Slipway would use."""
    override, argv = data / "by-hand.json", [*program.installed().argv]

    def swap(digest: str) -> None:
        port, old = free_port(), _ids(section)
        service = {"image": digest, "labels": [label], "ports": [f"127.0.0.1:{port}:{PORT}"]}
        override.write_text(json.dumps({"version": "3.7", "services": {section.service: service}}))
        up = program.installed().up(section.service, len(old) + 1)
        _said(*argv, *program.arguments(section, override), *up)
        _moved(data, port)
        _stopped(old)

    return swap


def _ids(section: Service) -> list[str]:
    filters = [f"project={section.project}", f"service={section.service}"]
    words = [word for one in filters for word in ("--filter", f"label=com.docker.compose.{one}")]
    return _said("docker", "ps", "--quiet", *words).split()


def _stopped(containers: Sequence[str]) -> None:
    if containers:
        _said("docker", "stop", "-t", GRACE, *containers)
        _said("docker", "rm", *containers)


def _moved(data: Path, port: int) -> None:
    """Lead the traffic to a port as soon as who listens there is well."""
    until = time.monotonic() + PATIENCE
    while not _well(port):
        if time.monotonic() > until:
            raise RuntimeError(f"nobody is well on port {port}")
        time.sleep(ASK_EVERY)
    (data / "route").write_text(f"{port}\n")


def _well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return answer.status // 100 == 2
    except (urllib.error.URLError, OSError):
        return False


def _said(*words: str) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()
