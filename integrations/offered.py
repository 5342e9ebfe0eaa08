"""What a backend in a package of its own may use of Slipway's: this module keeps its names, those with an _ may move.

    unpack, NotUp    a release's artefact, verified against its digest; `NotUp` says why it cannot be had
    minimal          the environment for a program that is started: little, and none of the bot's own secrets
    checked          a target's section as a model of yours; `GaveUp` says what no longer fits
    last_words       the end of what a program printed, for a person: a few lines, none of them long

What a backend says, in `Observed.detail` and in the reason of a `GaveUp`, is masked on its way to the ledger and Slack.
"""

from integrations._environment import minimal
from integrations._process_host.artefact import NotUp, unpack
from integrations._sections import checked

__all__ = ["NotUp", "checked", "last_words", "minimal", "unpack"]

_LINES, _LONGEST = 3, 200


def last_words(printed: bytes) -> str:
    """Return the last lines of what was printed, on one line; empty where there are none."""
    lines = [line.strip() for line in printed.decode(errors="replace").splitlines() if line.strip()]
    return " / ".join(line[:_LONGEST] for line in lines[-_LINES:])
