"""The pages of the folder, rendered."""

from bot.plugins import modules

NOTICE = "<!-- Written from the code by `make docs`; change the code, not this page. -->\n"


def pages() -> dict[str, str]:
    """Return every page's text, by its name."""
    return {module.__name__.rpartition(".")[2]: NOTICE + module.render() for module in modules("bot.reference")}
