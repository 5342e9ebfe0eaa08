"""Kinds on their shelf: known by name without being imported."""

import subprocess
import sys

import pytest

from bot.plugins import backend_kinds, source_kinds


@pytest.mark.parametrize("shelf", [backend_kinds(), source_kinds()], ids=["backends", "sources"])
def test_every_kind_is_called_as_its_file(shelf: "dict[str, object]") -> None:
    assert shelf
    for name in shelf:
        assert shelf[name].name == name  # type: ignore[attr-defined]


def test_what_nobody_names_is_not_imported() -> None:
    asked = "import sys; from bot.plugins import backend_kinds; k = backend_kinds(); k['process']; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()

    assert "integrations.process" in said
    assert [name for name in said if name.startswith("integrations.") and name == "integrations.git"] == []
