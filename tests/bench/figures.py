"""Samples, what they come to, and the table that says so."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Sample:
    """What was measured of one thing, in one unit."""

    name: str
    values: Sequence[float]

    def at(self, share: float) -> float:
        """Return the value below which this share of the values lies (nearest rank)."""
        ordered = sorted(self.values)
        return ordered[min(round(share * len(ordered)), len(ordered) - 1)]

    @property
    def p50(self) -> float:
        """The median."""
        return self.at(0.50)

    @property
    def p99(self) -> float:
        """What one in a hundred exceeds."""
        return self.at(0.99)


@dataclass(frozen=True)
class Row:
    """One bound: what was measured, against what, and how much it may be. No bound: for information."""

    case: str
    figure: str
    measured: float
    baseline: float
    unit: str
    bound: float | None = None
    count: int = 0

    @property
    def ratio(self) -> float:
        """How many times the baseline it is."""
        return self.measured / self.baseline

    @property
    def missed(self) -> bool:
        """Whether there is a bound, and it is not kept."""
        return self.bound is not None and self.ratio > self.bound

    @property
    def verdict(self) -> str:
        """PASS, MISS, or nothing."""
        if self.bound is None:
            return ""
        return "MISS" if self.missed else "PASS"


def compared(case: str, ours: Sample, theirs: Sample, bounds: dict[str, float | None], unit: str = "ms") -> list[Row]:
    """Return a row for each named figure (p50, p99) of two samples."""
    count = min(len(ours.values), len(theirs.values))
    return [
        Row(case, name, getattr(ours, name), getattr(theirs, name), unit, bound, count)
        for name, bound in bounds.items()
    ]


HEAD = ("", "figure", "measured", "baseline", "ratio", "bound", "n", "")


def table(rows: Iterable[Row]) -> str:
    """Return the rows as text."""
    lines = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    written = [
        "  ".join(cell.ljust(width) if place < 2 else cell.rjust(width) for place, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(line, widths, strict=True)) for line in lines)
    ]
    return "\n".join([written[0], "-" * len(written[0]), *written[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.case,
        row.figure,
        f"{row.measured:.2f} {row.unit}",
        f"{row.baseline:.2f} {row.unit}",
        f"{row.ratio:.2f} ×",
        f"≤ {row.bound:g} ×" if row.bound is not None else "",
        str(row.count) if row.count else "",
        row.verdict,
    )


def machine() -> str:
    """Say what this was measured on."""
    memory = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{one:.1f}" for one in psutil.getloadavg())
    return (
        f"{_processor()}, {psutil.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}, "
        f"Python {sys.version.split()[0]}; load before: {load}"
    )


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    if about.exists():
        for line in about.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
