"""Text from programs in pages, each as long as one message in Slack surely holds."""

PAGE = 2800  # characters: a section holds 3,000, and escaping makes text longer
MOST_PAGES = 12  # of one text; what does not fit stays where it was printed


def pieces(line: str) -> list[str]:
    """Return a line in pieces that each fit a page."""
    return [line[start : start + PAGE] for start in range(0, len(line), PAGE)]


def newest(text: str, most: int = MOST_PAGES) -> list[str]:
    """Return the newest pages of a text, oldest first, with no line cut in two that fits a page."""
    pages: list[str] = []
    for piece in (piece for line in reversed(text.splitlines(keepends=True)) for piece in reversed(pieces(line))):
        if pages and len(pages[-1]) + len(piece) <= PAGE:
            pages[-1] = piece + pages[-1]
        elif len(pages) == most:
            break
        else:
            pages.append(piece)
    return pages[::-1]
