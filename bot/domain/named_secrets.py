r"""Secrets that are known by the name before them: `password=x`, `"token": "x"`, `DB_PASS: x`, `--api-key x`.

Where it is in doubt it covers: a covered word costs a reader a moment, a shown secret costs a night. Left on purpose
are values whose first word makes a sentence (``password: must have 8 characters``, ``id-token: write``), references
(``${DB_PASSWORD}``), and names that say something *about* a secret (``POSTGRES_PASSWORD_FILE``, ``token_type``). What
has no name beside it, such as a column of a table, is not found. tests/unit/domain/test_masking.py lists all of it.

Quotes may stand within quotes: JSON within JSON writes \" for a quote, and \\\" one level deeper. A value ends at a
quote with exactly as many backslashes as the one it began with; more of them are quotes of its own.

It takes time in proportion to the text: a name's parts are bounded, a value is looked through once, and a quote that is
not closed is looked for in at most `LONGEST` characters, of which there can be one for each kind of quote.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.domain.secret_shapes import COVER, QUOTE, in_small

LONGEST = 4000  # characters between two quotes

_HINT = re.compile(
    "pass|pwd|secret|token|credential|auth|api|access|private|signing|encryption|account|storage|master|shared|client"
    "|service|deploy|license|ssh"
)
_KEYS = "api|access|private|signing|encryption|account|storage|master|shared|client|service|deploy|license|ssh"
_WORD = rf"""
    (?<!unexpected[ ])  # "Unexpected token: …" is a compiler's
    (?: pass(?:word|wd|phrase|code) | secret(?:[ ](?:access[ ])?key)? | token | credential | (?:{_KEYS})[ _-]?key
      | (?<=_)(?:pass|pwd)(?![a-z])  # DB_PASS, MYSQL_PWD
      | (?<=[a-z])(?-i:Pass|Pwd)(?![a-z])  # dbPass
      | (?<![\w-])pwd(?==(?![/~\\]|[a-z]:\\))  # Pwd=… of a connection string, and not where a shell is
      | (?<=_)auth(?=[ ]?=) | (?<=["'])auth(?=\\{{0,7}}+"[ ]?:[ ]?\\{{0,7}}+"[\w+/=]{{12}})  # npm, docker
    )"""
_ABOUT = r"""
    (?: (?:iz|ary|aries|less)  # tokenizer, secretary, passwordless
      | (?: [\w.\-]{0,40}? (?: [_.\-] | (?-i:(?<=[a-z])(?=[A-Z])) ) )?
        (?: file|path|dir|folder|name|type|kind|stdin|length|len|count|size|limit|ttl|age|url|uri|endpoint|policy
          | version|arn|ref|helper|manager|provider|enabled|required|expiry|expiration|expires(?:_?(?:in|at))?
        )
        (?= ["'\\\s=:] | \Z )
    )"""
_SAYS = rf"""
    (?: (?:{QUOTE})?+ \]?+
        (?: ,?\s{{0,60}}+(?:{QUOTE})?+value(?:{QUOTE})?+ )?+  # name: DB_PASSWORD, value: …
        [ \t]{{0,60}}+ (?: => | :(?!:)=? | ={{1,3}} ) [ \t]{{0,60}}+
      | >(?=[^\s<])  # <password>
    )"""
_NAME = re.compile(
    rf"""(?: {_WORD} (?!{_ABOUT}) [\w.\-]{{0,40}}+ )
         (?: (?P<says>{_SAYS})
           | (?P<argument> (?: {QUOTE},[ \t]{{0,20}}+ | [ \t]{{1,20}}+ ) (?![-<>|]) )  # --password x; '--password', 'x'
         )""",
    re.IGNORECASE | re.VERBOSE,
)
_OPTION = re.compile(r"(?<![\w-])--[\w.\-]{0,60}\Z")
_OPTION_LONGEST = 63  # characters
_SAID = re.compile(r"pass(?:word|wd|phrase)\b", re.IGNORECASE)  # PASSWORD 'x', as in SQL

_NO_SECRET = re.compile(
    r"""
    (?: must|should|cannot|may|is|are|was|were|has|have|had|not|no|none|null|nil|undefined|true|false|yes|empty|unset
      | required|optional|missing|invalid|incorrect|wrong|expired|revoked|refused|rejected|denied|too|ok|inherit|read
      | write|failed|accepted|verified
    ) (?= [.,;:]{0,2} (?: [\s"')\]}] | \Z ) )
    | \((?:sensitive|known)[ ]  # Terraform's
    | \$\{[\w.]{1,80}\} | \$\{\{[ ]{0,2}[\w.\-]{1,80}[ ]{0,2}\}\}
    | \*{3,} | <redacted> | \[(?:redacted|filtered|masked)\]
    | \{ | •••@
    | \\{0,7}+["'] (?: [,}\])]{1,8}+ (?: [\s"'\\] | \Z ) | \s*+\Z | [ \t]{0,20}\n )  # a quote that ends, not begins
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OPENS = re.compile(r"""[bru]?(?P<quote>\\{0,7}+(?:"{3}|'{3}|["']))""", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*")
_BLOCK = re.compile(
    r"[|>][+-]?[ \t]{0,20}\n(?P<indent>[ \t]{1,60}+)(?P<lines>[^\n]*+(?:\n(?P=indent)[^\n]*+)*+)"
)  # YAML's
_LIST = re.compile(r"\[(?:[^\]]{0,4000}\]|[^\r\n]*)")
_BARE = re.compile(
    r"""
    (?: [^\s"'\\)\]}>,;&<]++
      | (?! ["'\\)\]}>,;&]{1,20}+ (?: \s | \Z )  # a quote or bracket that was open before the name
          | \\{0,7}+ ["'] [,}\]):;]
          | [,;&] [\w.\-]{1,40}+ [=:]  # the next name
          | < / )
        \S
    )++
    """,
    re.VERBOSE,
)
_BECOMES = re.compile(r"[ \t]{0,20}->[ \t]{0,20}")  # Terraform: old -> new


@dataclass(frozen=True, slots=True)
class _Value:
    """Where a value begins and ends, and where what follows it (and its quote) begins."""

    begin: int
    end: int
    after: int


def covered(text: str) -> str:
    """Return the text with every value covered that stands beside the name of a secret."""
    small = in_small(text)
    kept: list[str] = []
    at = 0
    for hint in _HINT.finditer(small):
        name = _NAME.match(text, hint.start()) if hint.start() >= at else None
        for value in _values(text, name.end()) if name and _names(text, name) else ():
            kept += [text[at : value.begin], COVER]
            at = value.end
    return "".join([*kept, text[at:]])


def _names(text: str, name: re.Match[str]) -> bool:
    """Whether a value follows: with a blank between it only does after an option, and as in SQL's ``PASSWORD 'x'``."""
    if name["says"] is not None:
        return True
    start = name.start()
    if _OPTION.search(text[max(start - _OPTION_LONGEST, 0) : start]):
        return True
    return _SAID.match(text, start) is not None and text[name.end() : name.end() + 1] in {"'", '"'}


def _values(text: str, at: int) -> Iterator[_Value]:
    """Yield the value at a place, and what it becomes where an arrow says so."""
    while (value := _value(text, at)) is not None:
        if value.end > value.begin:
            yield value
        then = _BECOMES.match(text, value.after)
        if then is None:
            return
        at = then.end()


def _value(text: str, at: int) -> _Value | None:
    """Return the value that begins at a place, or None where none does that has to be covered."""
    if _NO_SECRET.match(text, at):
        return None
    if opens := _OPENS.match(text, at):
        begin = opens.end()
        if closes := _closing(opens["quote"]).search(text, begin, begin + LONGEST):
            return _Value(begin, closes.start(), closes.end())
        return _until(begin, _LINE.match(text, begin))
    if block := _BLOCK.match(text, at):
        return _until(block.start("lines"), block)
    return _until(at, _LIST.match(text, at) or _BARE.match(text, at))


def _until(begin: int, found: re.Match[str] | None) -> _Value | None:
    return _Value(begin, found.end(), found.end()) if found else None


@cache
def _closing(quote: str) -> re.Pattern[str]:
    """Return what ends a value that began with a quote: the same, with no more backslashes before it."""
    return re.compile(rf"(?<!\\){re.escape(quote)}")
