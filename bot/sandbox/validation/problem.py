"""What is wrong with one place of a payload, worded as Slack words it, and which Web API error that becomes.

Slack answers the same mistake in three shapes: `response_metadata.messages` ("[ERROR] … [json-pointer:…]"), `errors` of
chat.postMessage (the same without "[ERROR] "), and the structured `errors` of `blocks.validate`. One frozen value
serves all three, so that a rule is written once. Wordings are Slack's where they are known; the umbrella lines Slack
adds above them ("failed to match all allowed schemas") say nothing and are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["blocks", "view", "metadata", "manifest"]

FAILED = "failed_constraint"
MISSING = "missing_field"
UNEXPECTED = "unexpected_field"
BLOCKS_TOO_LONG = "msg_blocks_too_long"
VIEW_TOO_LARGE = "view_too_large"
METADATA_TOO_LARGE = "metadata_too_large"
METADATA_FORMAT = "invalid_metadata_format"

Expected = tuple[str, ...] | int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake.

    `pointer` is a JSON pointer from the payload's root ("/blocks/0/text/text"); `code` is Slack's kind of mistake;
    `constraint` names the rule ("max_length", "enum", …) and `expected` its bound; `field` is the missing or surplus
    name.
    """

    pointer: str
    code: str
    message: str
    constraint: str | None = None
    field: str | None = None
    expected: Expected = None

    @property
    def words(self) -> str:
        """The message without its pointer, as `blocks.validate` and `apps.manifest.validate` give it."""
        return self.message.partition(" [json-pointer:")[0]

    def as_entry(self, *, under: str = "") -> dict[str, object]:
        """Make one entry of the `errors` of `blocks.validate`; pointers begin below the argument (`under`)."""
        entry: dict[str, object] = {
            "code": self.code if self.code in {FAILED, MISSING} else FAILED,
            "message": self.words,
            "pointer": self.pointer.removeprefix(under),
        }
        if self.constraint is not None:
            expected = list(self.expected) if isinstance(self.expected, tuple) else self.expected
            entry["constraint"] = {"type": self.constraint, "expected": expected}
        if self.field is not None:
            entry["field"] = self.field
        return entry


def wrong(
    pointer: str, words: str, constraint: str | None = None, *, expected: Expected = None, code: str = FAILED
) -> Problem:
    """Name a broken rule at a pointer."""
    return Problem(pointer, code, f"{words} [json-pointer:{pointer}]", constraint, None, expected)


def missing(pointer: str, field: str) -> Problem:
    """Name a required field that is not there; Slack points at the object that lacks it."""
    return Problem(pointer, MISSING, f"missing required field: {field} [json-pointer:{pointer}]", "required", field)


def unexpected(pointer: str, field: str) -> Problem:
    """Name a field Slack does not know here; it refuses the whole payload for it."""
    words = f"invalid additional property: {field} [json-pointer:{pointer}]"
    return Problem(pointer, UNEXPECTED, words, "additional_properties", field)


def at(pointer: str, key: str | int) -> str:
    """Go one step down a pointer (RFC 6901: `~` and `/` are escaped)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def error_messages(problems: Iterable[Problem]) -> list[str]:
    """Make the lines of `response_metadata.messages`."""
    return [f"[ERROR] {problem.message}" for problem in problems]


def slack_error(problems: Sequence[Problem], *, kind: Kind) -> str:
    """Name the Web API's error code for these problems; a size error is only named when nothing else is wrong."""
    if not problems:
        raise ValueError("nothing is wrong, so there is no error to name")
    codes = {problem.code for problem in problems}
    match kind:
        case "blocks":
            return BLOCKS_TOO_LONG if codes == {BLOCKS_TOO_LONG} else "invalid_blocks"
        case "view":
            return VIEW_TOO_LARGE if codes == {VIEW_TOO_LARGE} else "invalid_arguments"
        case "metadata":
            named = codes & {METADATA_TOO_LARGE, METADATA_FORMAT}
            return min(named) if named == codes and len(named) == 1 else "invalid_metadata_schema"
        case "manifest":
            return "invalid_manifest"
