"""The sample services as containers: what `slipway up --docker` needs first, and what `make clean-docker` takes away.

All that it brings to the engine, images, projects of compose, bears the first digits of its ports; so two of them do
not meet, and what is to go is known by its name. The data folder is one of its own: what runs as a process in one
cannot be a container in the next minute.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from bot.domain.errors import GaveUp, Refused
from bot.locked import Taken, locked
from bot.sample_base import docker, have_base
from bot.sample_folder import CONTAINERS
from bot.samples import EXAMPLES
from integrations._docker.program import installed

CATALOG = EXAMPLES / "docker.yml"

_COMPOSE = "compose.yaml"
_INSTEAD = "or type make up, which needs none"
_PROJECT = "com.docker.compose.project"
_PATIENCE = 30.0  # seconds


def check() -> None:
    """Refuse where there is no Docker Engine that answers, or no compose."""
    if shutil.which("docker") is None:
        raise Refused(f"There is no program “docker” on PATH; install Docker and start it, {_INSTEAD}.")
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        done = subprocess.run(asked, capture_output=True, check=False, text=True, timeout=_PATIENCE)  # noqa: S603 - argv of ours
    except subprocess.TimeoutExpired:
        raise Refused(
            f"The Docker Engine does not answer within {_PATIENCE:.0f} s; start it anew, {_INSTEAD}."
        ) from None
    if done.returncode != 0:
        why = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise Refused(f"The Docker Engine does not answer ({why}); start it, {_INSTEAD}.")
    try:
        installed()
    except GaveUp as no:
        raise Refused(f"Docker has no compose here ({no.reason}); install it, {_INSTEAD}.") from no


def prepare(data: Path, digits: str, say: Callable[[str], None]) -> None:
    """Have everything there that the catalog speaks of; `Refused` says what cannot be had."""
    shutil.copyfile(EXAMPLES / _COMPOSE, data / _COMPOSE)
    have_base(f"localhost/{_named(digits)}/python", say)


def remove(data: Path, digits: str | None = None) -> str:
    """Take away what a data folder has on the engine; return a sentence that says what is left.

    `digits` are needed where the folder is gone already.
    """
    try:
        digits = digits or (data / "example-ports").read_text(encoding="utf-8").strip()
    except OSError:
        raise Refused(
            f"{data} has no sample services. If it was removed before its containers, say --example-ports 82, "
            "or what their names have in the place of 82."
        ) from None
    check()
    try:
        with locked(data / "slipway.lock") if data.exists() else nullcontext():
            clear(digits)
    except Taken as error:
        raise Refused(f"Slipway runs on {data} (process {error.holder}); stop it first.") from error
    kept = f" Its ledger still speaks of them: “rm -r {data}” forgets it." if data.exists() else ""
    return f"The containers and images of {data} are gone.{kept}"


def clear(digits: str) -> None:
    """Take away whatever bears these digits; it is no error when there is nothing."""
    for environment in ("staging", "production"):
        ours = ("--filter", f"label={_PROJECT}={_named(digits)}-{environment}")
        _all("rm", "--force", "--volumes", found=("ps", "--all", "--quiet", *ours))
        _all("network", "rm", found=("network", "ls", "--quiet", *ours))
    images = ("--format", "{{.Repository}}:{{.Tag}}", "--filter", f"reference=localhost/{_named(digits)}/*")
    _all("image", "rm", "--force", found=("image", "ls", *images))


def _all(*words: str, found: tuple[str, ...]) -> None:
    """Do something with all that docker lists."""
    listed = docker(*found).stdout.split()
    done = docker(*words, *listed) if listed else None
    if done is not None and done.returncode != 0:
        raise GaveUp(f"docker {words[0]}: {done.stderr.strip()}")


def _named(digits: str) -> str:
    return f"healthbridge-{digits}"


def main() -> int:
    """``python -m bot.sample_stack --data DIR`` removes what `slipway up --docker` brought to the engine."""
    parser = argparse.ArgumentParser(prog="python -m bot.sample_stack", description="Remove the sample containers.")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("SLIPWAY_DATA", ".data")) / CONTAINERS)
    parser.add_argument("--example-ports", help="the first digits of the ports, where the data folder is gone")
    asked = parser.parse_args()
    try:
        sys.stdout.write(f"{remove(asked.data, asked.example_ports)}\n")
    except (Refused, GaveUp) as no:
        sys.stderr.write(f"{no}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
