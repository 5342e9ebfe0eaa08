"""What the stories share: a browser, and a folder for what was seen in it."""

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.page.conftest import BROWSERS

RESULTS = Path(__file__).parents[2] / "test-results"


@pytest.fixture
def chromium_path() -> str:
    """Where the browser is. Without one this fails in CI and is skipped, loudly, elsewhere."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("There is no Chromium on this machine, and in CI there must be one: apt-get install chromium")
    if found is None:
        pytest.skip("NOT TESTED: the whole story, for want of Chromium (apt-get install chromium)")
    return str(found)


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path:
    """Where what was seen is kept, named as the test's file; what an earlier run saw is gone."""
    kept = RESULTS / request.path.stem.removeprefix("test_").replace("_", "-")
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    return kept
