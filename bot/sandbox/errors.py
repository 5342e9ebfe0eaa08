"""The refusals of the local Slack: one kind per audience.

Apps get Slack's documented error codes with HTTP 200; people who drive the local Slack get a sentence with 400, 404 or
409; and a delivery that fails has one of two names that Slack shows to people.
"""

from __future__ import annotations

from .wire import Json


class SlackError(Exception):
    """`{"ok": false, "error": code, ...}` for an app. The code is one that Slack documents for the method."""

    def __init__(self, code: str, **members: object) -> None:
        super().__init__(code)
        self.code = code
        self.members = members

    @classmethod
    def arguments(cls, *messages: str) -> SlackError:
        """`invalid_arguments` with the sentences Slack puts under response_metadata."""
        return cls("invalid_arguments", response_metadata={"messages": [f"[ERROR] {m}" for m in messages]})

    def body(self) -> Json:
        """Return the body of the answer."""
        return {"ok": False, "error": self.code, **self.members}


class DriverError(Exception):
    """A sentence for whoever drives the local Slack: it names the field, the value and what is possible."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class NotDelivered(Exception):  # noqa: N818 - it reads as the outcome it is, like its two names below
    """The app did not answer as Slack wants; `code` is what Slack shows to the person."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


OPERATION_TIMEOUT = "operation_timeout"
DISPATCH_FAILED = "dispatch_failed"
