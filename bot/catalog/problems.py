"""What is wrong with a catalog, said so that the person who wrote it can put it right without asking."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import Refused

Place = tuple[str | int, ...]
"""Where something is in the document: `("environments", "staging", "targets", "backend", "steps", 1)`."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A position in the file, both counted from 1 as editors do."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and where."""

    mark: Mark
    place: Place
    text: str

    def said(self, file: str) -> str:
        """Return `file:line:column: where.it.is: what is wrong`."""
        where = f"{dotted(self.place)}: " if self.place else ""
        return f"{file}:{self.mark.line}:{self.mark.column}: {where}{self.text}"


def dotted(place: Place) -> str:
    """Write a place as people say it: `steps[1].verify.within`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


class CatalogError(Refused):
    """A catalog that cannot be used; `problems` in the order of the file, and the text has one line for each."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda problem: problem.mark))
        super().__init__("\n".join(problem.said(file) for problem in self.problems))
