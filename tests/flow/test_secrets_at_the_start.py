"""A bot that was just started masks what runs already may print: the secrets that its catalog names."""

from pathlib import Path

import pytest

from bot import app
from bot.samples import make_repository
from bot.settings import read

ROOT = Path(__file__).parents[2]


async def test_a_bot_masks_the_secrets_of_its_catalog_from_its_start(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(tmp_path)
    apply, command = "- apply: { within: 1m }", "- command: { run: [ls], secrets: { A: PARTNER } }"
    example = (ROOT / "slipway.yml").read_text(encoding="utf-8")
    catalog = tmp_path / "slipway.yml"
    catalog.write_text(example.replace(apply, f"{command}\n          {apply}"), encoding="utf-8")
    monkeypatch.setenv("PARTNER", "zebra-quartz-lamp")
    settings = read({"database_url": database_url, "catalog": catalog, "data": tmp_path}, env_file=None)

    async with app.assembled(settings) as parts:
        assert parts.world.mask("calling as zebra-quartz-lamp") == "calling as •••"
