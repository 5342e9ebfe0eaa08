"""The templates of reports that come with Slipway: Markdown with Jinja2's marks; an organisation may replace each.

What a template may use, and how it asks its questions, says docs/how-to/write-incident-reports.md.
"""

from pathlib import Path

_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Return the names of the templates that come with Slipway."""
    return sorted(one.stem for one in _FOLDER.glob("*.md"))


def text(name: str) -> str:
    """Return the text of a template that comes with Slipway."""
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
