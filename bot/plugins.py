"""How a file in a folder introduces itself: the folder is the registry, and nothing else knows everybody.

A backend is a module in integrations/ with a `BACKEND`, a source of releases one with a `SOURCE`; third parties'
modules come from the entry points ``slipway.backends`` and ``slipway.sources``. A way to tell people elsewhere is one
with a `PAGER` (``slipway.pagers``). The same walk finds the commands (`COMMAND`), the buttons (`BUTTONS`) and the
schedules (`SCHEDULE`).

Backends and sources stand on a `Shelf`: a module is imported when its kind is taken and not before, because the client
library of one that nobody uses may hold more memory than the whole bot.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from bot.domain.masking import Mask
from bot.ports import Backend, Builds, Clock, History, Pager, Releases, Secrets

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an adapter may stand on: the folder it keeps its own things in, the clock, and where secrets are.

    What it says is masked by whoever takes it; an adapter that shortens what it says has to mask it before.
    """

    data: Path
    clock: Clock
    secrets: Secrets
    mask: Mask = field(default_factory=Mask)


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


@dataclass(frozen=True, slots=True)
class PagerKind:
    """A kind of pager as the catalog names it, the model of its section, and how to open one with a checked section.

    `needs` is which address of a person it wants, if any. `keyed` says that telling twice under one key is as once.
    """

    name: str
    config: type[BaseModel]
    open: Callable[[Surroundings, BaseModel], AbstractAsyncContextManager[Pager]]
    needs: Literal["email", "phone"] | None = None
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class OpenPager:
    """A pager that is open, and its kind."""

    kind: PagerKind
    pager: Pager


@cache
def modules(package: str) -> tuple[ModuleType, ...]:
    """Import every module of a package's folder, once; return them by name. A leading underscore keeps a file out."""
    return tuple(importlib.import_module(f"{package}.{name}") for name in _files(package))


def introduced(package: str, attribute: str, kind: type[Thing]) -> list[Thing]:
    """Return what the modules of a package introduce under an attribute."""
    return [_checked(module, attribute, kind) for module in modules(package) if hasattr(module, attribute)]


class Shelf(Mapping[str, Thing], Generic[Thing]):
    """What a folder's modules, and a group of entry points, introduce under an attribute, by name.

    The name is the file's, or the entry point's, and the thing has it as its `name` too: so what there is can be said
    without importing it.
    """

    def __init__(self, package: str, attribute: str, kind: type[Thing], *, group: str) -> None:
        self._attribute, self._kind = attribute, kind
        self._files = {name: f"{package}.{name}" for name in _files(package) if _says(package, name, attribute)}
        self._points: dict[str, EntryPoint] = {point.name: point for point in entry_points(group=group)}
        self._taken: dict[str, Thing] = {}

    def __getitem__(self, name: str) -> Thing:
        """Return a thing by its name, its module imported."""
        if name not in self._taken:
            module = importlib.import_module(self._files[name]) if name in self._files else self._points[name].load()
            thing = _checked(module, self._attribute, self._kind)
            if getattr(thing, "name", name) != name:
                raise TypeError(f"{module.__name__}: its {self._attribute} is to be called {name}, as its file is")
            self._taken[name] = thing
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter({**self._files, **self._points})

    def __len__(self) -> int:
        """Say how many there are."""
        return len({**self._files, **self._points})


def backend_kinds() -> Shelf[BackendKind]:
    """Return every kind of backend there is."""
    return Shelf("integrations", "BACKEND", BackendKind, group="slipway.backends")


def source_kinds() -> Shelf[SourceKind]:
    """Return every kind of source there is."""
    return Shelf("integrations", "SOURCE", SourceKind, group="slipway.sources")


def pager_kinds() -> Shelf[PagerKind]:
    """Return every kind of pager there is."""
    return Shelf("integrations", "PAGER", PagerKind, group="slipway.pagers")


def _files(package: str) -> list[str]:
    parent = importlib.import_module(package)
    return sorted(found.name for found in pkgutil.iter_modules(parent.__path__) if not found.name.startswith("_"))


def _says(package: str, name: str, attribute: str) -> bool:
    """Whether a module's text introduces something under an attribute."""
    for folder in importlib.import_module(package).__path__:
        file = Path(folder) / f"{name}.py"
        if file.exists():
            return re.search(rf"^{attribute}\b", file.read_text(encoding="utf-8"), re.MULTILINE) is not None
    return False


def _checked(module: ModuleType, attribute: str, kind: type[Thing]) -> Thing:
    thing = getattr(module, attribute)
    if not isinstance(thing, kind):
        raise TypeError(f"{module.__name__}: {attribute} is a {type(thing).__name__}, not a {kind.__name__}")
    return thing
