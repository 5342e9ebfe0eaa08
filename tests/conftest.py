"""What holds for every test: a temporary folder of the run's own, and what could not be run is said at the end.

The databases that tests ask for (`database_url`, `empty_database_url`) are made in tests/fakes/databases.py.
"""

import os
import shutil
import tempfile
from collections import Counter

import pytest

pytest_plugins = ["tests.fakes.databases"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give the run a temporary folder of its own.

    pytest's usual one is shared by all runs, and each new run closes it to other users; as root, the database of a
    run beside it is another user (see bot/embedded.py) and would be shut out in the middle of its work.
    """
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        config.option.basetemp = tempfile.mkdtemp(prefix="slipway-tests-")
        config.stash[_OURS] = config.option.basetemp


def pytest_xdist_auto_num_workers() -> int:
    """Return half as many again as there are cores: much of the time a test waits for a container or a process."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser: it breaks off what it loads whenever a network of a container comes or goes.

    The tests of the page come last: they are short, and the long ones should have been begun by then.
    """
    for item in items:
        if "chromium_path" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: "page" in item.path.parts)


_OURS = pytest.StashKey[str]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remove the folder, unless something failed and somebody may want to look."""
    ours = session.config.stash.get(_OURS, None)
    if ours is not None and exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        shutil.rmtree(ours, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was skipped, by reason."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.getreports("skipped"):
        where = report.longrepr
        reasons[str(where[2]).removeprefix("Skipped: ") if isinstance(where, tuple) else str(where)] += 1
    if reasons:
        terminalreporter.section("NOT RUN ON THIS MACHINE", sep="!", red=True, bold=True)
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count:5}  {reason}", red=True)
