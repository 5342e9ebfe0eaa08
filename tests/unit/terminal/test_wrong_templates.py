"""`slipway config check` names what is wrong with an organisation's own templates, with file and line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.config import app

ROOT = Path(__file__).parents[3]
OWN = "\nincidents: { templates: { post-mortem: templates/pm.md } }\n\npolicies:"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("# {{ title }}\n\n{{ severty }}\n", 1, "incidents.templates: templates/pm.md:3: 'severty' is undefined"),
        (None, 1, "incidents.templates: templates/pm.md: there is no such file"),
        ("# {{ title }}\n{{ ask('why', 'Why?') }}\n", 0, "is in order: HealthBridge"),
    ],
)
def test_a_wrong_template_is_named(tmp_path: Path, text: str | None, code: int, said: str) -> None:
    catalog = (ROOT / "slipway.yml").read_text(encoding="utf-8").replace("\npolicies:", OWN, 1)
    (tmp_path / "slipway.yml").write_text(catalog, encoding="utf-8")
    (tmp_path / "templates").mkdir()
    if text is not None:
        (tmp_path / "templates" / "pm.md").write_text(text, encoding="utf-8")

    told = CliRunner().invoke(app, ["check", str(tmp_path / "slipway.yml")])

    assert told.exit_code == code, told.output
    assert said in told.output
