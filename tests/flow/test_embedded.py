"""The embedded PostgreSQL starts, keeps what was committed, and gets up again however it was ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from bot.domain.errors import Refused
from bot.embedded import database

OWNER = """
import pathlib, sys, time
from bot.embedded import database
with database(pathlib.Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(600)
"""


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]  # the tests' own words
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def servers(folder: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and str(folder / "postgres") in (process.info["cmdline"] or [])
    ]


def wait_for_no_server(folder: Path) -> None:
    until = time.monotonic() + 10
    while servers(folder) and time.monotonic() < until:
        time.sleep(0.02)


def test_what_was_committed_is_there_the_next_time(tmp_path: Path) -> None:
    with database(tmp_path) as url:
        ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
    assert servers(tmp_path) == []
    with database(tmp_path) as url:
        assert ask(url, "SELECT n FROM kept") == 42


def test_it_is_on_no_network_and_writes_through(tmp_path: Path) -> None:
    with database(tmp_path) as url:
        assert ask(url, "SHOW listen_addresses") == ""
        assert ask(url, "SHOW fsync") == "on"
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert int(str(ask(url, "SHOW max_connections"))) >= 60


def test_a_guest_uses_it_and_leaves_it_running(tmp_path: Path) -> None:
    with database(tmp_path) as url:
        with database(tmp_path) as as_guest:
            assert as_guest == url
        assert ask(url, "SELECT 1") == 1


def test_a_killed_server_gets_up_again_with_everything_committed(tmp_path: Path) -> None:
    with database(tmp_path) as url:
        ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
        for server in servers(tmp_path):
            server.send_signal(signal.SIGKILL)
        wait_for_no_server(tmp_path)
    assert (tmp_path / "postgres" / "postmaster.pid").exists()
    with database(tmp_path) as url:
        assert ask(url, "SELECT n FROM kept") == 42


def test_a_server_whose_owner_was_killed_is_taken_over_and_stopped_in_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    owner.stdout.readline()
    before = [server.pid for server in servers(tmp_path)]
    with pytest.raises(Refused, match=rf"Another Slipway \(process {owner.pid}\) uses the database"):
        database_soon(tmp_path)
    assert capsys.readouterr().err == (
        f"Another Slipway (process {owner.pid}) uses the database in {tmp_path}; waiting 0.1 s for it to end.\n"
    )
    owner.kill()
    owner.communicate()
    with database(tmp_path, own=True) as url:
        assert ask(url, "SELECT 1") == 1
        assert [server.pid for server in servers(tmp_path)] == before
    wait_for_no_server(tmp_path)
    assert servers(tmp_path) == []


def database_soon(folder: Path) -> None:
    with database(folder, own=True, patience=0.1):
        pass


def test_a_number_that_is_now_another_programs_does_not_stop_the_start(tmp_path: Path) -> None:
    with database(tmp_path):
        kept = (tmp_path / "postgres" / "postmaster.pid").read_text()
        for server in servers(tmp_path):
            server.send_signal(signal.SIGKILL)
        wait_for_no_server(tmp_path)
    other = subprocess.Popen(["sleep", "60"], user=(tmp_path / "postgres").stat().st_uid if os.geteuid() == 0 else None)
    (tmp_path / "postgres" / "postmaster.pid").write_text(
        "".join([f"{other.pid}\n", *kept.splitlines(keepends=True)[1:]])
    )
    with database(tmp_path) as url:
        assert ask(url, "SELECT 1") == 1
    assert other.poll() is None
    other.kill()
    other.communicate()


def test_a_path_too_long_for_a_socket_and_one_with_odd_characters(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / "über & co?"
    with database(folder) as url:
        assert ask(url, "SELECT 1") == 1


def test_a_half_made_data_folder_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    with database(tmp_path) as url:
        assert ask(url, "SELECT 1") == 1
    assert not (tmp_path / "postgres.new").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with database(tmp_path):
        pass
    (tmp_path / "postgres" / "PG_VERSION").unlink()
    left = sorted(path.name for path in (tmp_path / "postgres").iterdir())
    with pytest.raises(Refused, match="holds no PostgreSQL data; move it away"), database(tmp_path):
        pass
    assert sorted(path.name for path in (tmp_path / "postgres").iterdir()) == left


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(Refused, match="cannot be written to: Not a directory; SLIPWAY_DATA names another folder"),
        database(tmp_path / "file" / "data"),
    ):
        pass
