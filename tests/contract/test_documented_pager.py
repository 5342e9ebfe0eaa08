"""The pager that docs/how-to/escalate-alerts.md shows, taken out of the page: it is one, and it opens."""

import re
import types
from pathlib import Path

from bot.plugins import PagerKind
from tests.contract.living import ROOT, surroundings

PAGE = ROOT / "docs" / "how-to" / "escalate-alerts.md"


async def test_the_page_shows_a_pager(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    module = types.ModuleType("sms")
    exec(compile(shown, str(PAGE), "exec"), module.__dict__)  # noqa: S102 - the project's own page
    kind = module.PAGER

    assert isinstance(kind, PagerKind)
    async with kind.open(surroundings(tmp_path), kind.config.model_validate({"token": "SMS_TOKEN"})) as pager:
        assert hasattr(pager, "tell")
    assert (kind.name, kind.needs, kind.keyed) == ("sms", "phone", False)
