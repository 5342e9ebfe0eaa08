"""`slipway up`: one command, one line when it is ready, and everything found again however it was ended."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from bot.embedded import database
from tests.e2e.stage import BOT, PAGE, Running, fetch, hundred, of_folder, stage, start, until

pytestmark = pytest.mark.slow

CHANNEL, PERSON = "C0GENERAL1", "U0NDAPEWA1"


@pytest.fixture
def digits() -> Iterator[int]:
    with hundred() as digits:
        yield digits


def texts(running: Running) -> list[str]:
    answer = running.get(f"/driver/messages?channel={CHANNEL}&as={PERSON}")
    assert isinstance(answer, list)
    return [message["text"] for message in answer]


def refusal(folder: Path, digits: int, *options: str) -> str:
    """Start one that must not start; return what it said."""
    running = start(folder, digits, *options)
    with running.process:  # not cleaned up after: the folder may be in use, and that is then the point
        try:
            assert running.process.wait(timeout=60) == 1
            assert running.process.stdout is not None
            assert running.process.stdout.read() == ""
        finally:
            running.process.kill()
    return running.told


def test_one_command_and_everything_answers(tmp_path: Path, digits: int) -> None:
    with stage(tmp_path / "data", digits) as running:
        page = running.get("/")
        info = running.get("/driver/info")

        assert "<html" in str(page).lower()
        assert isinstance(info, dict)
        assert info["bot_url"] == f"http://127.0.0.1:{digits * 100 + BOT}"
        until(running.bot_is_ready, "the bot is ready")
        assert fetch(f"{running.bot_url()}/healthz")[0] == 200


def test_what_is_set_for_the_real_slack_is_not_reached(tmp_path: Path, digits: int) -> None:
    (tmp_path / ".env").write_text(
        "DATABASE_URL=mysql://u:hush@h/d\nSLIPWAY_DATA=/nowhere\nSLIPWAY_CATALOG=no.yml\nSLACK_BOT_TOKEN=xoxb-real\n"
    )
    with stage(tmp_path / "data", digits) as running:
        assert (tmp_path / "data" / "postgres" / "PG_VERSION").exists()
        assert "hush" not in running.told


def test_a_database_of_ones_own_has_to_be_named(tmp_path: Path, digits: int) -> None:
    said = refusal(tmp_path / "data", digits, "--external-database")

    assert said == "--external-database uses the PostgreSQL of DATABASE_URL, and that is not set; export it first.\n"


def test_a_taken_port_of_a_sample_service_is_refused_at_once(tmp_path: Path, digits: int) -> None:
    with socket.create_server(("127.0.0.1", digits * 100 + 21)):
        said = refusal(tmp_path / "data", digits)

    assert f"Port {digits}21, which backend/staging needs, is in use by" in said
    assert not (tmp_path / "data" / "postgres").exists()


def test_ctrl_c_stops_all_of_it_and_the_next_start_finds_everything(tmp_path: Path, digits: int) -> None:
    with stage(tmp_path / "data", digits) as running:
        running.post("/driver/post", **{"as": PERSON, "channel": CHANNEL, "text": "Remember me"})
        assert running.interrupt() == 0
        assert running.process.stdout is not None
        assert running.process.stdout.read() == ""
        assert running.rest() == []
        assert of_folder(tmp_path / "data") == []
    with stage(tmp_path / "data", digits) as again:
        assert "Remember me" in texts(again)


def test_when_the_bot_is_killed_the_page_stays_and_the_bot_comes_back(tmp_path: Path, digits: int) -> None:
    with stage(tmp_path / "data", digits) as running:
        first = running.bot()
        first.kill()
        running.get("/driver/people")
        until(lambda: not first.is_running() or first.status() == psutil.STATUS_ZOMBIE, "the bot is gone")
        until(running.bot_is_ready, "the bot is ready again")

        assert running.bot().pid != first.pid
        assert "The bot ended (SIGKILL) and is started again" in running.told


def test_when_all_of_it_is_killed_the_bot_ends_by_itself_and_the_next_start_finds_everything(
    tmp_path: Path, digits: int
) -> None:
    with stage(tmp_path / "data", digits) as running:
        running.post("/driver/post", **{"as": PERSON, "channel": CHANNEL, "text": "Remember me"})
        bot = running.bot()
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        until(lambda: not psutil.pid_exists(bot.pid), "the bot ended by itself", seconds=20)
        with stage(tmp_path / "data", digits) as again:
            assert "Remember me" in texts(again)
            assert again.interrupt() == 0
        assert of_folder(tmp_path / "data") == []


def test_two_at_once_do_not_meet(tmp_path: Path, digits: int) -> None:
    with hundred() as others, stage(tmp_path / "one", digits) as one, stage(tmp_path / "two", others) as two:
        one.post("/driver/post", **{"as": PERSON, "channel": CHANNEL, "text": "Only here"})

        assert "Only here" in texts(one)
        assert "Only here" not in texts(two)


def test_a_second_one_on_the_same_data_is_refused_and_the_first_goes_on(tmp_path: Path, digits: int) -> None:
    with hundred() as others, stage(tmp_path / "data", digits) as running:
        said = refusal(tmp_path / "data", others)

        assert f"Slipway runs on {tmp_path / 'data'} already (process {running.process.pid})" in said
        assert "--data" in said
        until(running.bot_is_ready, "the bot is ready")


def test_a_port_in_use_is_refused_with_who_has_it(tmp_path: Path, digits: int) -> None:
    with stage(tmp_path / "one", digits) as running:
        said = refusal(tmp_path / "two", digits)

        assert f"Port {digits * 100 + PAGE} is in use by" in said
        assert f"(process {running.process.pid})" in said
        assert "--port" in said


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path, digits: int) -> None:
    with stage(tmp_path / "data", digits) as running:
        running.interrupt()
    with database(tmp_path / "data") as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    said = refusal(tmp_path / "data", digits)
    with database(tmp_path / "data") as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()

    assert "The database is of version 9999" in said
    assert "Traceback" not in said
    assert found == ("9999",)


def test_a_wrong_catalog_is_refused_with_its_place(tmp_path: Path, digits: int) -> None:
    (tmp_path / "slipway.yml").write_text("organisation: [\n")
    said = refusal(tmp_path / "data", digits)

    assert "slipway.yml:2:1: this is not YAML" in said


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path, digits: int) -> None:
    (tmp_path / "file").write_text("in the way")
    said = refusal(tmp_path / "file" / "data", digits)

    assert "cannot be written to: Not a directory. Say --data" in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("a full disk: only root may mount a small one" + (", and not here" if os.geteuid() == 0 else ""))
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_refused(small_disk: Path, digits: int) -> None:
    said = refusal(small_disk / "data", digits)

    assert "is nearly full: 8 MB are free, and 200 MB are needed" in said
