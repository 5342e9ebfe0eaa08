"""The process that fills a template in: a JSON object comes in, and one goes out. It knows nothing of Slipway.

Whatever a template prints is escaped, so that outside words are no headings, links or marks in the Markdown; what is
shown in Slack is made of the Markdown's parts, where a text is a text and cannot call anybody.
"""

import json
import re
import resource
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateRuntimeError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

SECONDS, MEMORY = 2, 512 * 1024 * 1024
LONGEST, MOST_QUESTIONS = 100_000, 20
LONGEST_LABEL, LONGEST_HINT, LONGEST_URL = 150, 300, 2000
OPEN = "_To be filled in._"
WRONG = (
    TemplateError,
    ArithmeticError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    RecursionError,
    MemoryError,
)
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_MARKS = re.compile(r"([\\`*_\[\]<>~|&])")
_BEGINS = re.compile(r"^(\s*)(?:([#+=-])(?=[\s#=-]|$)|(\d+)([.)])(?=\s|$))")
_WEB = re.compile(r"https?://[^\s<>|\"]+")

Json = dict[str, Any]
Spans = list[Json]


def limit() -> None:
    """Take no more than a little time and memory, where the system can hold us to it."""
    for what, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY)):
        with suppress(ValueError, OSError):  # some systems have no such limit
            resource.setrlimit(what, (most, most))


def escaped(text: str) -> str:
    """Return one line of outside words as Markdown that shows them as they are, whichever way they are written."""
    line = _MARKS.sub(r"\\\1", _CONTROL.sub("", text))
    line = _BEGINS.sub(
        lambda found: f"{found[1]}\\{found[2]}" if found[2] else f"{found[1]}{found[3]}\\{found[4]}", line
    )
    return f"\u2068{line}\u2069" if _RTL.search(line) else line


def finalized(value: object) -> object:
    """Escape what a template prints, unless it is Markdown of ours already."""
    if value is None:
        return Markup("")
    return value if isinstance(value, Markup) else Markup(escaped(" ".join(str(value).split())))  # noqa: S704 - escaped


class Asking:
    """The questions that a template asks, in its order, with what people answered."""

    def __init__(self, answers: Json) -> None:
        self.answers = answers
        self.questions: dict[str, Json] = {}

    def ask(self, key: object, label: object, hint: object = "") -> Markup:
        """Return the answers to a question as Markdown, or that it is open."""
        if not (isinstance(key, str) and _KEY.fullmatch(key)):
            raise TemplateRuntimeError(f"“{key}” is no name of a question: lower-case letters, digits, - and _")
        if not (isinstance(label, str) and 0 < len(label) <= LONGEST_LABEL):
            raise TemplateRuntimeError(f"the question “{key}” needs a label of at most {LONGEST_LABEL} characters")
        self.questions[key] = {"key": key, "label": label, "hint": str(hint)[:LONGEST_HINT]}
        if len(self.questions) > MOST_QUESTIONS:
            raise TemplateRuntimeError(f"there are more than {MOST_QUESTIONS} questions; a window holds no more")
        return self.said(key)

    def said(self, key: str) -> Markup:
        """Return what was answered, each with who said it and when."""
        return Markup("\n\n".join(map(_answer, self.answers.get(key, [])))) or Markup(OPEN)  # noqa: S704 - escaped

    def others(self) -> str:
        """Return the answers to questions that this template no longer asks: nobody's words are lost."""
        left = [key for key in self.answers if key not in self.questions and self.answers[key]]
        return "".join(f"\n\n### {escaped(key)}\n\n{self.said(key)}\n" for key in left)


def _answer(answer: Json) -> str:
    lines = [escaped(line) for line in answer["text"].split("\n")]
    paragraphs = "\n".join(
        f"{line}\\" if line and after else line for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )
    return f"{paragraphs}\n\n*{escaped(answer['by'])}, {escaped(answer['at'])}*"


def filled(asked: Json) -> Json:
    """Fill the template in; return the document, or what is wrong with the template and in which line."""
    name, asking = asked["name"], Asking(asked["answers"])
    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(lambda wanted: (asked["text"], name, None) if wanted == name else None),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    try:
        template = environment.get_template(name)
        markdown = _bounded(template.generate(asked["values"] | {"ask": asking.ask})) + asking.others()
    except WRONG as error:
        return {"fault": _why(error), "line": _line(error, name)}
    return {"markdown": markdown, "parts": list(parts(markdown)), "questions": list(asking.questions.values())}


def _bounded(pieces: Iterator[str]) -> str:
    kept: list[str] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length > LONGEST:
            raise TemplateRuntimeError(f"what it makes is longer than {LONGEST} characters")
    return "".join(kept)


def _why(error: BaseException) -> str:
    match error:
        case MemoryError():
            return "it takes too much memory to fill in"
        case RecursionError():
            return "it calls itself without an end"
        case TemplateNotFound():
            return f"it includes “{error.name}”, and a template stands alone"
        case _:
            return str(error)[:300] or type(error).__name__


def _line(error: BaseException, name: str) -> int | None:
    """Return the line of the template in which something went wrong; Jinja2 puts it into the traceback."""
    lineno = getattr(error, "lineno", None)
    frames = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == name]
    return lineno or (frames[-1] if frames else None)


# --- from Markdown to parts ------------------------------------------------------------------------------------------


def parts(markdown: str) -> Iterator[Json]:
    """Yield the parts of a document, in order: headings, paragraphs, lists, quotes, code, rules."""
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    for node in SyntaxTreeNode(reader.parse(markdown)).children:
        yield from _part(node)


def _part(node: SyntaxTreeNode, indent: int = 0) -> Iterator[Json]:
    match node.type:
        case "heading":
            yield {"kind": "heading", "level": int(node.tag[1:]), "spans": _spans(node)}
        case "paragraph":
            yield {"kind": "text", "spans": _spans(node)}
        case "bullet_list" | "ordered_list":
            yield from _list(node, indent)
        case "blockquote":
            yield {"kind": "quote", "spans": _joined(node)}
        case "fence" | "code_block":
            yield {"kind": "code", "text": node.content.rstrip("\n")}
        case "hr":
            yield {"kind": "rule"}
        case "table":
            yield from ({"kind": "text", "spans": row} for row in _rows(node))
        case _:  # commonmark has no other block that shows anything
            pass


def _list(node: SyntaxTreeNode, indent: int) -> Iterator[Json]:
    ordered, number = node.type == "ordered_list", int(node.attrs.get("start", 1) or 1)
    for place, item in enumerate(node.children):
        inner = [child for child in item.children if child.type.endswith("_list")]
        spans: Spans = []
        for child in item.children:
            if child not in inner:
                spans += [*([{"text": "\n"}] if spans else []), *_joined(child)]
        shape = {"kind": "item", "ordered": ordered, "indent": min(indent, 8), "number": number + place}
        yield shape | {"spans": spans}
        for child in inner:
            yield from _list(child, indent + 1)


def _rows(node: SyntaxTreeNode) -> Iterator[Spans]:
    for row in (one for one in node.walk() if one.type == "tr"):
        cells = [_spans(cell) for cell in row.children]
        yield [span for place, cell in enumerate(cells) for span in [*([{"text": " · "}] if place else []), *cell]]


def _joined(node: SyntaxTreeNode) -> Spans:
    """Return the text within a node, paragraph after paragraph."""
    if node.type in {"fence", "code_block"}:
        return [{"text": node.content.rstrip("\n"), "code": True}]
    if not node.children or any(child.type == "inline" for child in node.children):
        return _spans(node)
    spans: Spans = []
    for child in node.children:
        spans += [*([{"text": "\n"}] if spans else []), *_joined(child)]
    return spans


def _spans(node: SyntaxTreeNode) -> Spans:
    spans: Spans = []
    for child in node.children:
        for inline in child.children if child.type == "inline" else [child]:
            spans += _inline(inline, {})
    return [one for one in spans if one["text"]]


_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


def _inline(node: SyntaxTreeNode, style: Json) -> Spans:
    match node.type:
        case "text":
            return [style | {"text": node.content}]
        case "code_inline":
            return [style | {"text": node.content, "code": True}]
        case "softbreak":
            return [style | {"text": " "}]
        case "hardbreak":
            return [style | {"text": "\n"}]
        case "link":
            href = str(node.attrs.get("href", ""))
            web = _WEB.fullmatch(href) and len(href) <= LONGEST_URL
            style = style | ({"url": href} if web else {})
        case "image":
            return [style | {"text": node.content or "picture"}]
        case kind if kind in _STYLES:
            style = style | {_STYLES[kind]: True}
        case _:
            pass
    return [span for child in node.children for span in _inline(child, style)]


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    limit()
    json.dump(filled(wanted), sys.stdout)
