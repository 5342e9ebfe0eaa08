"""Which compose there is, and what differs between the two: v2 (``docker compose``), and v1 (``docker-compose``).

v1 ignores `deploy.resources` and takes an image that is there; v2 heeds it, and is told not to pull. All else that is
asked of them here is the same for both.
"""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.domain.errors import GaveUp, Retry
from integrations._docker.section import Service
from integrations._environment import ENGINE, minimal

_PATIENCE = 300.0  # seconds for one call; what may take long, a pull, was done before
_LINES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Program:
    """A compose as it is installed: how it is called, and its major version."""

    argv: tuple[str, ...]
    version: int

    def up(self, service: str, copies: int) -> list[str]:
        """Return the words that scale a service, and touch neither its copies that run nor what it depends on."""
        pull = ["--pull", "never"] if self.version > 1 else []
        quiet = ["--no-deps", "--no-recreate", "--no-build", *pull]
        return ["up", "--detach", *quiet, "--scale", f"{service}={copies}", service]

    def run(self, service: str, name: str, options: Sequence[str], command: Sequence[str]) -> list[str]:
        """Return the words that start one command in a container of its own, apart: we attend it, and remove it."""
        return ["run", "--detach", "-T", "--no-deps", "--name", name, *options, service, *command]

    def limits(self, service: Mapping[str, object]) -> dict[str, str]:
        """Return the limits of a service that this program heeds, from its part of the whole configuration."""
        found = {"memory": service.get("mem_limit"), "cpu": service.get("cpus")}
        if self.version > 1:
            deploy = _part(_part(_part(service, "deploy"), "resources"), "limits")
            found = {"memory": found["memory"] or deploy.get("memory"), "cpu": found["cpu"] or deploy.get("cpus")}
        return {name: str(value) for name, value in found.items() if value is not None}

    def limits_field(self, service: str) -> str:
        """Say where a person sets limits that this program heeds."""
        if self.version > 1:
            return f"services.{service}.deploy.resources.limits"
        return f"services.{service}.mem_limit and services.{service}.cpus"


V2 = Program(("docker", "compose"), 2)
V1 = Program(("docker-compose",), 1)


def chosen(there: Callable[[Program], bool]) -> Program:
    """Return v2 where it is, else v1; `GaveUp` where neither is."""
    for program in (V2, V1):
        if there(program):
            return program
    raise GaveUp("neither “docker compose” nor “docker-compose” is installed here, or not on PATH")


@cache
def installed() -> Program:
    """Return the one of this machine, looked for once."""
    return chosen(_is_there)


def arguments(section: Service, *overrides: Path) -> list[str]:
    """Return the words that say which project is meant, with files of ours over its own."""
    files = [*section.files, *map(str, overrides)]
    return ["--project-name", section.project, *(word for file in files for word in ("--file", file))]


def environment(section: Service, more: Mapping[str, str]) -> dict[str, str]:
    """Return what the program finds in its environment."""
    return minimal({**more, **reached(section)}, let_through=ENGINE)


def reached(section: Service) -> dict[str, str]:
    """Return the variable that says where the section's engine is, when it says so."""
    return {"DOCKER_HOST": section.engine} if section.engine else {}


def call(argv: Sequence[str], section: Service, more: Mapping[str, str], *, keeping: int | None = None) -> str:
    """Run it and return what it prints; `GaveUp` in its own words. `keeping` is a file that it keeps open with us."""
    try:
        done = subprocess.run(  # noqa: S603 - argv of ours and the catalog's, without a shell
            argv,
            cwd=Path(section.files[0]).parent,
            env=environment(section, more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
            pass_fds=() if keeping is None else (keeping,),
        )
    except subprocess.TimeoutExpired as error:
        raise Retry(f"{argv[0]} took longer than {_PATIENCE:.0f}s") from error
    except OSError as error:
        raise GaveUp(f"{argv[0]} cannot be run in {error.filename}: {error.strerror}") from error
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        words = "\n".join(lines[-_LINES_SHOWN:]) or f"it ended with exit code {done.returncode}"
        raise GaveUp(f"{argv[0]}: {words}")
    return done.stdout.decode(errors="replace")


def _is_there(program: Program) -> bool:
    """Whether it can be run: v2 is a part of docker that may be missing, so it is asked; v1 takes seconds to say."""
    if shutil.which(program.argv[0]) is None:
        return False
    argv = [*program.argv, "version"]
    return program == V1 or subprocess.run(argv, capture_output=True, check=False, env=minimal()).returncode == 0  # noqa: S603 - argv of ours


def _part(mapping: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = mapping.get(name)
    return part if isinstance(part, Mapping) else {}
