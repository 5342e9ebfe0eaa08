"""The three kinds of "no". Everything else that is raised is a bug, and is caught at exactly two edges."""

from datetime import timedelta


class Refused(Exception):  # noqa: N818 - it is an answer to a person, not an error
    """A person's no: the sentence is shown as it is, so it names the thing, the value and the way out."""


class Retry(Exception):  # noqa: N818 - it says what to do, as `GaveUp` does
    """The world's no for now: unreachable, busy, rate limited. Nothing is known to have happened."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class GaveUp(Exception):  # noqa: N818 - see above
    """The world's no for good, in the outside system's own words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NeverBuilt(GaveUp):
    """What was asked needs a release's artefact, and there is none; a step `build` makes it."""
