"""A text in pages: each fits a message, the newest are kept, and no line is cut in two that fits a page."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pages import PAGE, newest

LINES = st.lists(st.text("ab ש\u2028", max_size=3 * PAGE).map(lambda line: f"{line}\n"), max_size=12)


@given(LINES, st.integers(1, 4))
def test_the_newest_pages_end_the_text_and_each_fits(lines: list[str], most: int) -> None:
    text = "".join(lines)
    pages = newest(text, most)

    assert text.endswith("".join(pages))
    assert all(0 < len(page) <= PAGE for page in pages)
    assert len(pages) <= most


@given(LINES)
def test_what_was_paged_once_has_the_same_pages(lines: list[str]) -> None:
    pages = newest("".join(lines), 3)

    assert newest("".join(pages), 3) == pages


def test_a_line_that_fits_a_page_stays_whole() -> None:
    line = "x" * (PAGE // 2) + "\n"

    assert newest(line * 3) == [line, line, line]


def test_nothing_has_no_page() -> None:
    assert newest("") == []
