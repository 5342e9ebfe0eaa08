"""`slipway up` looks at the sample services' ports before it starts anything, and moves nothing that is deployed."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.errors import Refused
from bot.sample_stack import CATALOG as ON_DOCKER
from bot.settings import Settings, read
from bot.up.sample_ports import check_ports, with_kept_digits
from integrations._docker import record as containers
from integrations._process_host.record import Record, Wish, write
from tests.e2e.stage import hundred

CATALOG = Path(__file__).parents[2] / "slipway.yml"


@pytest.fixture
def digits() -> Iterator[str]:
    with hundred() as digits:
        yield str(digits)


def settings_of(data: Path, digits: str | None = None, catalog: Path = CATALOG) -> Settings:
    said = {"data": data, "catalog": catalog} | ({"example_ports": digits} if digits else {})
    return read(said, env_file=None)


def check(data: Path, digits: str | None = None) -> None:
    check_ports(with_kept_digits(settings_of(data, digits)), page=1)


def deploy(data: Path, port: int) -> None:
    """Write down what the process host does when backend/staging is live."""
    wish = Wish("k", "sha256:0", "1.0.0", "c0ffee", port, ["run"], "/", 1.0, 1.0, {})
    folder = data / "process" / "targets" / "backend staging"
    folder.mkdir(parents=True)
    write(folder / "record.json", Record("backend", "staging", live=wish))


def listener(port: int) -> socket.socket:
    taken = socket.create_server(("127.0.0.1", port))
    taken.listen()
    return taken


def test_a_port_that_is_taken_is_refused_with_who_has_it_and_free_ones(tmp_path: Path, digits: str) -> None:
    with (
        closing(listener(int(f"{digits}22"))),
        pytest.raises(
            Refused,
            match=rf"^Port {digits}22, which frontend/staging needs, is in use by \S+ \(process \d+\); "
            r"stop that, or say --example-ports \d\d\.$",
        ),
    ):
        check(tmp_path, digits)

    assert list(tmp_path.iterdir()) == []


def test_the_pages_own_port_is_no_services(tmp_path: Path, digits: str) -> None:
    with pytest.raises(Refused, match=f"Port {digits}11 is the one of backend/development; say --port with another"):
        check_ports(settings_of(tmp_path, digits), page=int(f"{digits}11"))


def test_a_data_folder_keeps_its_digits(tmp_path: Path, digits: str) -> None:
    check(tmp_path, digits)

    assert with_kept_digits(settings_of(tmp_path)).example_ports == digits
    assert with_kept_digits(settings_of(tmp_path, "99")).example_ports == "99"


def test_other_digits_are_taken_while_nothing_is_deployed(tmp_path: Path, digits: str) -> None:
    check(tmp_path, digits)
    with hundred() as others:
        check(tmp_path, str(others))

        assert with_kept_digits(settings_of(tmp_path)).example_ports == str(others)


def test_what_is_deployed_is_not_moved_by_a_start(tmp_path: Path, digits: str) -> None:
    check(tmp_path, digits)
    deploy(tmp_path, int(f"{digits}21"))
    with (
        hundred() as others,
        pytest.raises(
            Refused,
            match=rf"^backend/staging is deployed on port {digits}21, and a start does not move it to {others}21; "
            rf"leave out --example-ports {others} \(SLIPWAY_EXAMPLE_PORTS\), or say --data with .* to begin anew\.$",
        ),
    ):
        check(tmp_path, str(others))

    assert with_kept_digits(settings_of(tmp_path)).example_ports == digits
    check(tmp_path)


def test_a_port_changed_in_the_catalog_waits_for_the_next_deploy(tmp_path: Path, digits: str) -> None:
    check(tmp_path, digits)
    deploy(tmp_path, int(f"{digits}77"))

    check(tmp_path)


def test_where_something_is_deployed_only_another_folder_helps(tmp_path: Path, digits: str) -> None:
    check(tmp_path, digits)
    deploy(tmp_path, int(f"{digits}21"))

    with (
        closing(listener(int(f"{digits}21"))),
        pytest.raises(Refused, match=r"backend/staging needs, is in use .*, or say --data with another folder"),
    ):
        check(tmp_path)


def test_the_ports_of_containers_are_looked_at_as_well(tmp_path: Path, digits: str) -> None:
    with (
        closing(listener(int(f"{digits}32"))),
        pytest.raises(Refused, match=f"Port {digits}32, which frontend/production needs, is in use"),
    ):
        check_ports(settings_of(tmp_path, digits, ON_DOCKER), page=1)


def test_containers_are_not_moved_by_a_start(tmp_path: Path, digits: str) -> None:
    check_ports(settings_of(tmp_path, digits, ON_DOCKER), page=1)
    folder = tmp_path / "containers" / "process" / "targets" / "backend staging"
    folder.mkdir(parents=True)
    section = {"kind": "compose", "port": int(f"{digits}21")}
    live = containers.Wish("k", "sha256:0", "1.0.0", "c0ffee", section)
    containers.write(folder / "record.json", containers.Record("backend", "staging", live=live))
    with hundred() as others, pytest.raises(Refused, match=f"backend/staging is deployed on port {digits}21"):
        check_ports(settings_of(tmp_path, str(others), ON_DOCKER), page=1)

    check_ports(settings_of(tmp_path, digits, ON_DOCKER), page=1)
