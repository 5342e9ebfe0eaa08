"""The newest of what programs print: whole lines where there are some, else the end of the line that never ends."""

import pytest

from integrations._newest import cut, newest


@pytest.mark.parametrize(
    ("pieces", "most", "kept"),
    [
        ([], 5, b""),
        ([b"one\n", b"two\n"], 100, b"one\ntwo\n"),
        ([b"one\ntw", b"o\nthree\n"], 8, b"three\n"),
        ([b"x" * 50, b"y" * 50], 60, b"x" * 10 + b"y" * 50),
        ([b"x" * 50, b"\n"], 10, b"x" * 9 + b"\n"),
        ([b"x" * 50, b"\nlast"], 10, b"last"),
    ],
)
def test_the_newest_of_what_comes_in_pieces(pieces: list[bytes], most: int, kept: bytes) -> None:
    assert newest(pieces, most) == kept


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_no_line_begins_with_half_a_character(lost: int) -> None:
    assert cut("😀 is said".encode()[lost:]).decode() == " is said"
