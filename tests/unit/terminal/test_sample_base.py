"""The sample services' image where this machine has neither a registry nor what an image is made with."""

import sys
from pathlib import Path

import pytest

from bot.domain.errors import Refused
from bot.sample_base import have_base


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no image is made of this machine's own Python")
def test_without_ldd_it_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho no such host >&2\nexit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused) as caught:
        have_base("localhost/x/python", lambda _: None, pulled="example/python:3")

    assert str(caught.value) == (
        "example/python:3 cannot be pulled: no such host. An image of this machine's own Python needs the program "
        "“ldd”, which is not on PATH."
    )
