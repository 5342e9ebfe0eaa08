"""Wrong sections of `static_site` and `command`: each is answered with a sentence that says how to put it right.

The table is wrong_backends.txt: what is between the braces of a target's `backend`, and the sentence.
"""

from pathlib import Path

import pytest

from integrations import command, static_site
from tests.unit.catalog.test_every_sentence import RIGHT, said

PLACE = "environments.production.targets.api.backend"
TABLE = (Path(__file__).parent / "wrong_backends.txt").read_text(encoding="utf-8").strip().split("\n\n")


@pytest.mark.parametrize(("section", "sentence"), [tuple(row.splitlines()) for row in TABLE])
def test_a_wrong_section_is_answered_with_the_way_out(section: str, sentence: str, tmp_path: Path) -> None:
    text = RIGHT.replace("kind: process, port: 8231, run: [./api]", section)
    lines = said(tmp_path, text, static_site=static_site.BACKEND, command=command.BACKEND)

    assert [line.partition(PLACE)[2].lstrip(":. ") for line in lines] == [sentence]
