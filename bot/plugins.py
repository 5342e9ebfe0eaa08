"""How a file in a folder introduces itself: the folder is the registry, and nothing else knows everybody.

A backend is a module in integrations/ with a `BACKEND`, a source of releases one with a `SOURCE`; third parties'
modules come from the entry points ``slipway.backends`` and ``slipway.sources``. The same walk finds the commands
(`COMMAND`), the buttons (`BUTTONS`) and the schedules (`SCHEDULE`).
"""

import importlib
import pkgutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Protocol, TypeVar

from pydantic import BaseModel

from bot.ports import Backend, Builds, Clock, History, Releases

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an adapter may stand on: the folder it keeps its own things in, and the clock."""

    data: Path
    clock: Clock


@dataclass(frozen=True, slots=True)
class BackendKind:
    """A backend as the catalog names it, the model of a target's section, and how to open it."""

    name: str
    config: type[BaseModel]
    open: Callable[[Surroundings], AbstractAsyncContextManager[Backend]]


class Source(Releases, History, Builds, Protocol):
    """Where the releases of services come from: candidates, their history, and how they are built."""


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source as the catalog names it, the model of a service's `source`, and how to open one for all of them.

    `open` takes the checked configuration of each service that uses this kind, by service.
    """

    name: str
    config: type[BaseModel]
    open: Callable[[Surroundings, dict[str, BaseModel]], Source]


@cache
def modules(package: str) -> tuple[ModuleType, ...]:
    """Import every module of a package's folder, once; return them by name. A leading underscore keeps a file out."""
    parent = importlib.import_module(package)
    names = sorted(found.name for found in pkgutil.iter_modules(parent.__path__) if not found.name.startswith("_"))
    return tuple(importlib.import_module(f"{package}.{name}") for name in names)


def introduced(package: str, attribute: str, kind: type[Thing], *, group: str | None = None) -> list[Thing]:
    """Return what the modules of a package (and the entry points of a group) introduce under an attribute."""
    things = [getattr(module, attribute) for module in modules(package) if hasattr(module, attribute)]
    if group is not None:
        things += [getattr(point.load(), attribute) for point in entry_points(group=group)]
    for thing in things:
        if not isinstance(thing, kind):
            raise TypeError(f"{package}: {attribute} is a {type(thing).__name__}, not a {kind.__name__}")
    return things
