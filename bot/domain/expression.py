"""What an alert's PromQL expression compares: the part to draw, and the threshold that it is compared with.

`a / b > 0.01` draws `a / b` and a line at 0.01: the expression itself has values only where the alert fires. Of what
is joined by `and` or `unless` the first part is drawn. What is not understood is drawn as it is, without a line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

LONGEST = 2000  # characters
_NESTED = 8  # brackets, or joined parts, that are looked into
_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)|(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])"""
    r"""|(?P<compares>==|!=|>=|<=|>|<)|(?P<word>[A-Za-z_:][\w:]*)|(?P<other>.)""",
    re.DOTALL,
)
_NUMBER = re.compile(r"\s*(?:bool\s+)?([-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?))\s*")
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


@dataclass(frozen=True, slots=True)
class Compared:
    """What is drawn, and what it is compared with, if that is a number; `sign` is the comparison's."""

    drawn: str
    sign: str = ""
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int
    depth: int


def of_source(source: str) -> str:
    """Return the expression in an alert's `generatorURL`, which Prometheus writes there; empty where there is none."""
    try:
        found = parse_qs(urlsplit(source).query).get("g0.expr", [""])[0].strip()
    except ValueError:
        return ""
    return found if len(found) <= LONGEST else ""


def compared(expression: str) -> Compared:
    """Say what an expression compares with what."""
    said = "".join(" " if one.text.startswith("#") else one.text for one in _tokens(expression))
    return _compared(said, _NESTED)


def _compared(expression: str, left: int) -> Compared:
    whole = _bare(expression)
    joined = [one for one in _top(whole) if one.kind == "word" and one.text.lower() in {"and", "unless", "or"}]
    if any(one.text.lower() == "or" for one in joined):
        return Compared(whole)
    first = _bare(whole[: joined[0].at] if joined else whole)
    signs = [one for one in _top(first) if one.kind == "compares"]
    if not signs:
        return _compared(first, left - 1) if joined and left else Compared(first)
    return _split(first, signs[-1])


def _split(text: str, sign: _Token) -> Compared:
    """Return the two sides of a comparison; where neither is a number, the first is drawn alone."""
    left, right = text[: sign.at], text[sign.at + len(sign.text) :]
    if number := _NUMBER.fullmatch(right):
        return Compared(_bare(left), sign.text, float(number[1]))
    if number := _NUMBER.fullmatch(left):
        return Compared(_bare(right), _TURNED.get(sign.text, sign.text), float(number[1]))
    return Compared(_bare(left))


def _tokens(text: str) -> Iterator[_Token]:
    depth = 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        depth -= kind == "close"
        yield _Token(kind, found.group(), found.start(), depth)
        depth += kind == "open"


def _top(text: str) -> list[_Token]:
    """Return what stands in no brackets."""
    return [one for one in _tokens(text) if one.depth == 0]


def _bare(text: str) -> str:
    """Return an expression without the space and the brackets around the whole of it."""
    text = text.strip()
    for _ in range(_NESTED):
        if not (text.startswith("(") and text.endswith(")")):
            break
        closing = [one for one in _tokens(text) if one.kind == "close" and one.depth == 0]
        if not closing or closing[0].at != len(text) - 1:
            break
        text = text[1:-1].strip()
    return text


def belongs(series: Mapping[str, str], alert: Mapping[str, str]) -> bool:
    """Whether a series is the one that an alert is about: what both have labels for, they agree on."""
    shared = (series.keys() & alert.keys()) - {"__name__", "alertname", "severity"}
    return bool(shared) and all(series[name] == alert[name] for name in shared)
