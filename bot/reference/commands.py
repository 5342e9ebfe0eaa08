"""The page about the words people type in Slack, and those of the terminal."""

from bot.cli import summary, words
from bot.vocabulary import Vocabulary

HEAD = """# Commands

Each word is also there as `/slipway <word>`, for workspaces where a name is taken. A word with `help` after it says how
it is used; a wrong word is answered with the nearest right one.

## In Slack
"""


def render() -> str:
    """Return the page."""
    parts = [HEAD]
    for line in Vocabulary.found().lines():
        parts.append(f"### `/{line.word}{(' ' + line.hint.strip()).rstrip()}`\n\n{line.summary}\n")
        parts += [f"    /{example}" for example in line.examples]
        parts.append("")
    parts.append("## In the terminal\n\n| word | what it does |\n|---|---|")
    parts += [f"| `slipway {word}` | {summary(word)} |" for word in words()]
    parts.append("\n`slipway <word> --help` says more.")
    return "\n".join(parts) + "\n"
