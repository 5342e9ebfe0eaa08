"""`make check`: format, lint, types, arrows and the fast tests, side by side; only what failed is shown in full.

It is a program, not a test; it stands here because the tests are what it runs.
"""

import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))

CHECKS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "arrows": ["lint-imports", "--no-logo"],
}
FAST_TESTS = {"fast tests": ["pytest", "-q", "-m", "not slow", "tests/unit"]}


@dataclass(frozen=True)
class Outcome:
    """How one of them went."""

    name: str
    good: bool
    said: str
    seconds: float


def run(name: str, command: list[str]) -> Outcome:
    """Run one and say how it went."""
    began = time.monotonic()
    done = subprocess.run([SCRIPTS / command[0], *command[1:]], cwd=ROOT, check=False, capture_output=True, text=True)
    outcome = Outcome(name, done.returncode == 0, done.stdout + done.stderr, time.monotonic() - began)
    sys.stderr.write(f"{'ok    ' if outcome.good else 'FAILED'}  {name:<10} {outcome.seconds:5.1f} s\n")
    return outcome


def main() -> int:
    """Run them all side by side; 1 when one failed."""
    chosen = CHECKS if "--no-tests" in sys.argv else CHECKS | FAST_TESTS
    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(lambda item: run(*item), chosen.items()))
    for outcome in outcomes:
        if not outcome.good:
            sys.stderr.write(f"\n--- {outcome.name}\n{outcome.said}")
    return 0 if all(outcome.good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
