"""What is true of a whole list of blocks: how many, which ids are taken, how long altogether.

Slack documents 50 blocks a message and 100 a view; the total length of a message's blocks (`msg_blocks_too_long`) is
not documented and was measured by others at about 13,200 characters of text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.sandbox.validation.blocks import CHECKS, Surface
from bot.sandbox.validation.problem import BLOCKS_TOO_LONG, Problem, at, wrong
from bot.sandbox.validation.shape import Thing, array

MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MOST_TEXT = 13_200
MOST_MARKDOWN = 12_000
MOST_TABLE_TEXT = 10_000
MOST_CHARTS = 2

Placed = tuple[str, Thing]
"""A JSON pointer and the object there."""


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks of one surface, taken apart once for all rules: each with every object inside it, itself first."""

    pointer: str
    blocks: tuple[tuple[Placed, ...], ...]

    @property
    def everything(self) -> Iterator[Placed]:
        """Every object on the page."""
        return (found for block in self.blocks for found in block)

    def of_type(self, kind: str) -> list[Placed]:
        """Find the objects of a type, however deep."""
        return [(pointer, found) for pointer, found in self.everything if found.get("type") == kind]


def check_blocks(blocks: object, *, surface: Surface) -> list[Problem]:
    """Find everything Slack would refuse in these blocks of a message; pointers begin with `/blocks`."""
    return list(check_list(blocks, "/blocks", surface))


def check_list(blocks: object, pointer: str, surface: Surface) -> Iterator[Problem]:
    """Do the same under another pointer, for the blocks of a view."""
    least = 0 if surface == "message" else 1
    yield from array(CHECKS[surface], least=least, most=MOST_BLOCKS[surface])(blocks, pointer)
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS[surface]:
        return
    taken_apart = (tuple(_within(block, at(pointer, index))) for index, block in enumerate(blocks))
    page = Page(pointer, tuple(block for block in taken_apart if block))
    for rule in _RULES[surface]:
        yield from rule(page)


def _within(value: object, pointer: str) -> Iterator[Placed]:
    """Yield every object in a value, itself first."""
    if isinstance(value, Mapping):
        yield pointer, value
        for key, item in value.items():
            if isinstance(item, Mapping | list):
                yield from _within(item, at(pointer, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _within(item, at(pointer, index))


def _ids(page: Page) -> Iterator[Problem]:
    """Refuse a block_id given twice on the page, and an action_id given twice in a block."""
    yield from _unique("block_id", page.everything)
    for block in page.blocks:
        yield from _unique("action_id", block)


def _unique(name: str, things: Iterable[Placed]) -> Iterator[Problem]:
    seen: set[str] = set()
    for pointer, found in things:
        value = found.get(name)
        if not isinstance(value, str):
            continue
        if value in seen:
            yield wrong(at(pointer, name), f'`{name}` "{value}" already exists', "unique")
        seen.add(value)


_WORDS = ("text", "title", "alt_text")


def _length(things: Iterable[Placed]) -> int:
    """Count the characters of text: every `text`, `title` and `alt_text` that is a string."""
    return sum(len(words) for _, found in things for name in _WORDS if isinstance(words := found.get(name), str))


def _total(page: Page) -> Iterator[Problem]:
    length = _length(page.everything)
    if length > MOST_TEXT:
        words = f"the text of all blocks must be less than {MOST_TEXT + 1} characters, not {length}"
        yield wrong(page.pointer, words, "max_total_length", expected=MOST_TEXT, code=BLOCKS_TOO_LONG)


def _markdown(page: Page) -> Iterator[Problem]:
    texts = page.of_type("markdown")
    if len(texts) > 1 and _length(texts) > MOST_MARKDOWN:
        words = f"all markdown blocks together must be less than {MOST_MARKDOWN + 1} characters"
        yield wrong(page.pointer, words, "max_total_length", expected=MOST_MARKDOWN)


def _one_table(page: Page) -> Iterator[Problem]:
    tables = page.of_type("table")
    for place, _ in tables[1:]:
        yield wrong(place, "only one table block is allowed", "max_tables", expected=1)
    for place, table in tables:
        if _length(_within(table.get("rows"), place)) > MOST_TABLE_TEXT:
            words = f"all cells together must be less than {MOST_TABLE_TEXT + 1} characters"
            yield wrong(at(place, "rows"), words, "max_total_length", expected=MOST_TABLE_TEXT)


def _few_charts(page: Page) -> Iterator[Problem]:
    if len(page.of_type("data_visualization")) > MOST_CHARTS:
        yield wrong(page.pointer, "too many data_visualization blocks", "max_items", expected=MOST_CHARTS)


def _no_uploads(page: Page) -> Iterator[Problem]:
    """Refuse `file_input`, which works in modals only."""
    for place, found in page.of_type("file_input"):
        yield wrong(at(place, "type"), f"unsupported type: {found['type']}", "enum")


def _one_focus(page: Page) -> Iterator[Problem]:
    focused = [place for place, found in page.everything if found.get("focus_on_load") is True]
    for place in focused[1:]:
        yield wrong(at(place, "focus_on_load"), "only one element can have `focus_on_load` set to true", "unique")


_RULES: dict[Surface, tuple[Callable[[Page], Iterator[Problem]], ...]] = {
    "message": (_ids, _total, _markdown, _one_table, _few_charts, _no_uploads),
    "modal": (_ids, _one_focus),
    "home": (_ids, _one_focus, _no_uploads),
}
