"""What a build says that nobody may read: it is covered before it reaches the ledger, however it comes."""

from datetime import timedelta

from tests.fakes.backend import Ending
from tests.fakes.clock import Deed
from tests.fakes.healthbridge import HealthBridge

KEY = [
    "-----BEGIN RSA PRIVATE KEY-----",
    "MIIEowIBAAKCAQEAx1bRZ0pXc0hAbWlkZGxlT2ZUaGVLZXlPbmU",
    "dGhpcyBsaW5lIGlzIHRoZSBtaWRkbGUgb2YgdGhlIGtleSB0d28",
    "-----END RSA PRIVATE KEY-----",
]


async def test_a_private_key_that_is_written_line_by_line_is_covered_whole(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(hangs=True))

    for second, line in enumerate(["before", *KEY, "after"], start=1):
        house.clock.at(timedelta(seconds=2 * second), _writes(house, f"{line}\n"))
    house.clock.at(timedelta(seconds=20), _ends(house))

    change = await house.deployed("staging", "backend")

    log = await house.log_of((await house.ops(change))[0])
    assert KEY[1] not in log
    assert KEY[2] not in log
    assert log.startswith("before\n")
    assert log.endswith("after\n")


async def test_a_key_whose_end_never_comes_is_covered_too(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(exit_code=1, log="\n".join(["before", *KEY[:3]]) + "\n"))

    change = await house.deployed("staging", "backend")

    log = await house.log_of((await house.ops(change))[0])
    assert log.startswith("before\n")
    assert KEY[1] not in log
    assert KEY[2] not in log


def _writes(house: HealthBridge, line: str) -> Deed:
    async def write() -> None:
        house.runner.write(house.runner.starts[-1][0], line)

    return write


def _ends(house: HealthBridge) -> Deed:
    async def end() -> None:
        house.runner.settle(house.runner.starts[-1][0], result={"digest": "sha256:" + "a" * 64})

    return end
