"""`load`: from a file to a checked `Catalog`, or to a `CatalogError` with everything that is wrong in it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from bot.plugins import BackendKind, PagerKind, SourceKind, pager_kinds

from .clashes import clashes
from .models import Catalog
from .positions import Document, read
from .problems import CatalogError, Mark, Problem
from .references import check
from .sections import Kinds
from .shapes import truths_for_numbers
from .wording import is_consequence, worded


def load(
    path: Path,
    *,
    backends: Mapping[str, BackendKind],
    sources: Mapping[str, SourceKind],
    step_kinds: Mapping[str, type[BaseModel]],
    variables: Mapping[str, str],
) -> Catalog:
    """Read and check the catalog in a file; `${NAME}` in it stands for the given variables and no others.

    Raises `CatalogError` with every problem at once.
    """
    kinds = models(backends=backends, sources=sources, step_kinds=step_kinds)
    document = read(_text(path), variables)
    problems = list(document.problems)
    catalog = None if document.value is None and problems else _validated(document, kinds, problems)
    if problems or catalog is None:
        raise CatalogError(str(path), problems)
    catalog.incidents.read_from(path.parent)
    return catalog


def models(
    *,
    backends: Mapping[str, BackendKind],
    sources: Mapping[str, SourceKind],
    step_kinds: Mapping[str, type[BaseModel]],
) -> Kinds:
    """Return the models of the kinds."""
    return Kinds(backends=_Models(backends), sources=_Models(sources), steps=step_kinds, pagers=_Models(pager_kinds()))


class _Models(Mapping[str, type[BaseModel]]):
    """The models of kinds by name; only those that the catalog names are taken from their shelf."""

    def __init__(self, kinds: Mapping[str, BackendKind] | Mapping[str, SourceKind] | Mapping[str, PagerKind]) -> None:
        self._kinds = kinds

    def __getitem__(self, name: str) -> type[BaseModel]:
        return self._kinds[name].config

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)


def _text(path: Path) -> str:
    """Return what the file says; a file that cannot be read is a problem of the catalog like any other."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CatalogError(str(path), [_at_start("there is no such file; SLIPWAY_CATALOG says where it is")]) from error
    except UnicodeDecodeError as error:
        raise CatalogError(str(path), [_at_start(f"this is not UTF-8 text, at byte {error.start}")]) from error
    except OSError as error:
        raise CatalogError(str(path), [_at_start(f"it cannot be read: {error.strerror}")]) from error


def _validated(document: Document, kinds: Kinds, problems: list[Problem]) -> Catalog | None:
    if not isinstance(document.value, dict):
        problems.append(_at_start("the file is empty or not a mapping; expected “organisation: …”, “services: …”"))
        return None
    problems += _but_not_at(problems, [*check(document), *truths_for_numbers(document, kinds)])
    try:
        catalog = Catalog.model_validate(document.value, context=kinds)
    except ValidationError as error:
        findings = [detail for detail in error.errors(include_url=False) if not is_consequence(detail)]
        problems += _but_not_at(problems, [worded(detail, document, kinds) for detail in findings])
        return None
    problems += clashes(catalog, document)
    return catalog


def _at_start(text: str) -> Problem:
    return Problem(Mark(1, 1), (), text)


def _but_not_at(known: list[Problem], others: list[Problem]) -> list[Problem]:
    """Leave out what follows from another problem: what could not be read at a place is not also of a wrong type."""
    taken = {(problem.mark, problem.place) for problem in known}
    return [problem for problem in others if (problem.mark, problem.place) not in taken]
