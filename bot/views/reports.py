"""Reports as cards: the parts of a document as rich text, where a text is a text and calls nobody; and the windows.

A report that is longer than a message goes on in the thread.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.report import Answer, Question, Report, title_of
from bot.views.forms import modal
from bot.views.kit import (
    Block,
    Message,
    actions,
    button,
    clip,
    context,
    link,
    literal,
    option,
    outside,
    plain,
    said,
    spoken,
)

Part = Mapping[str, object]

LONGEST_BLOCK, LONGEST_PAGE, MOST_BLOCKS = 2500, 10_000, 40
LONGEST_INPUT, MOST_OPTIONS = 3000, 100


# --- the card -------------------------------------------------------------------------------------------------------


def pages(report: Report) -> list[list[Block]]:
    """Return what a report shows, cut into as many messages as it takes; the first is the card."""
    found: list[list[Block]] = [[]]
    room = LONGEST_PAGE
    for block, length in _blocks(report.parts):
        if found[-1] and (length > room or len(found[-1]) >= MOST_BLOCKS):
            found.append([])
            room = LONGEST_PAGE
        found[-1].append(block)
        room -= length
    return found


def live(report: Report, by: str) -> Message:
    """Return the card of a report."""
    every = pages(report)
    more = [context("The rest is in the thread.")] if len(every) > 1 else []
    fault = [literal(f"⚠️ The organisation's own template was not used: {report.fault}", 600)] if report.fault else []
    buttons = [button("fill_in", "Fill in…", report.id, style="primary")] if report.questions else []
    about = report.subject.replace("alertgroup:", "alert group ").replace("change:", "change ")
    origin = context(
        f"{report.name} {report.id} · about {about} · {f'asked by {outside(by, 80)}' if by else 'by itself'}"
    )
    blocks = [*every[0], *more, *fault, origin]
    text = outside(f"{report.name} {report.id}: {report.title}", 300)
    return Message(text, [*blocks, *actions(buttons)])


def page(report: Report, number: int) -> Message:
    """Return a page in the thread; one that the report no longer takes says so."""
    every = pages(report)
    if number > len(every):
        return said([context("The report has become shorter: there is nothing here any more.")])
    blocks = every[number - 1]
    return Message(spoken(blocks), blocks)


def _blocks(parts: Iterable[Part]) -> Iterable[tuple[Block, int]]:
    """Yield the blocks that parts become, each with how many characters it holds."""
    gathered: list[Block] = []
    length = 0
    for elements, size in map(_element, _short(parts)):
        if elements["type"] == "divider" or length + size > LONGEST_BLOCK:
            if gathered:
                yield {"type": "rich_text", "elements": gathered}, length
            gathered, length = [], 0
        if elements["type"] == "divider":
            yield elements, 0
            continue
        gathered.append(elements)
        length += size
    if gathered:
        yield {"type": "rich_text", "elements": gathered}, length


def _short(parts: Iterable[Part]) -> Iterable[Part]:
    """Yield parts none of which is longer than a block; one that is becomes several."""
    for part in parts:
        if part["kind"] == "code":
            text = str(part["text"])
            for start in range(0, max(len(text), 1), LONGEST_BLOCK):
                yield {**part, "text": text[start : start + LONGEST_BLOCK]}
            continue
        for spans in _cut(_spans(part)):
            yield {**part, "spans": spans}


def _spans(part: Part) -> list[Mapping[str, object]]:
    spans = part.get("spans")
    return [one for one in spans if isinstance(one, Mapping)] if isinstance(spans, list) else []


def _cut(spans: Sequence[Mapping[str, object]]) -> Iterable[list[Mapping[str, object]]]:
    kept: list[Mapping[str, object]] = []
    room = LONGEST_BLOCK
    for span in spans:
        text = str(span["text"])
        while len(text) > room:
            yield [*kept, {**span, "text": text[:room]}] if room else kept
            text, kept, room = text[room:], [], LONGEST_BLOCK
        kept.append({**span, "text": text})
        room -= len(text)
    yield kept


def _element(part: Part) -> tuple[Block, int]:
    """Return a part as an element of rich text (or a rule), and how many characters it holds."""
    spans = [_text(span) for span in _spans(part) if span["text"]]
    length = sum(len(str(span["text"])) for span in _spans(part)) + 2
    match part["kind"]:
        case "rule":
            return {"type": "divider"}, 0
        case "heading":
            bold = [{**one, "style": {**_style(one), "bold": True}} for one in spans]
            return _section([_plain("\n"), *bold, _plain("\n")]), length
        case "item":
            style = "ordered" if part["ordered"] else "bullet"
            shape: Block = {"type": "rich_text_list", "style": style, "indent": part["indent"]}
            number = part["number"]
            first = {"offset": number - 1} if part["ordered"] and isinstance(number, int) and number > 1 else {}
            return shape | first | {"elements": [_section(spans or [_plain(" ")])]}, length
        case "quote":
            return {"type": "rich_text_quote", "elements": spans or [_plain(" ")]}, length
        case "code":
            text = str(part["text"]) or " "
            return {"type": "rich_text_preformatted", "elements": [_plain(text)]}, len(text)
        case _:
            return _section([*spans, _plain("\n")]), length


def _section(elements: Sequence[Block]) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _plain(text: str) -> Block:
    return {"type": "text", "text": text}


def _text(span: Mapping[str, object]) -> Block:
    style = {name: True for name in ("bold", "italic", "strike", "code") if span.get(name)}
    made: Block = {"type": "link", "url": span["url"]} if span.get("url") else {"type": "text"}
    return made | {"text": span["text"]} | ({"style": style} if style else {})


def _style(element: Block) -> dict[str, object]:
    style = element.get("style")
    return dict(style) if isinstance(style, dict) else {}


# --- the windows ----------------------------------------------------------------------------------------------------


def ask(names: Sequence[str], subject: str, *, channel: str, chosen: str | None = None) -> Block:
    """Return the window that asks which report is to be written about something."""
    choices = {name: option(title_of(name), name) for name in names[:MOST_OPTIONS]}
    select: Block = {
        "type": "static_select",
        "action_id": "template",
        "options": list(choices.values()),
        "initial_option": choices.get(chosen or "", choices[names[0]]),
    }
    about = subject.replace("alertgroup:", "alert group ").replace("change:", "change ")
    note = context(f"About {outside(about)}. Slipway fills in what it knows; the rest is asked for on the card.")
    return modal(
        "incident_report",
        "Report",
        "Write it",
        [_input("template", "Which report", select), note],
        about=subject,
        channel=channel,
    )


def fill_in(report: Report, standing: Mapping[str, Sequence[Answer]], *, channel: str) -> Block:
    """Return the window with a report's questions, what was answered in them; it carries which answers those are."""
    inputs = [_question(one, standing.get(one.key, ())) for one in report.questions]
    seen = [one.id for question in report.questions for one in shown(standing.get(question.key, ()))]
    about = " ".join(str(number) for number in [report.id, *seen])
    return modal("fill_in", clip(f"{report.name} {report.id}", 24), "Keep it", inputs, about=about, channel=channel)


def shown(standing: Sequence[Answer]) -> Sequence[Answer]:
    """Return the answers that an input begins with: all that stand, or none where they do not fit into it."""
    return standing if len(together(standing)) <= LONGEST_INPUT else ()


def together(answers: Sequence[Answer]) -> str:
    """Return the answers that stand to a question as one text."""
    return "\n\n".join(one.text for one in answers if one.text)


def _question(question: Question, standing: Sequence[Answer]) -> Block:
    before = together(shown(standing))
    element: Block = {
        "type": "plain_text_input",
        "action_id": question.key,
        "multiline": True,
        "max_length": LONGEST_INPUT,
    }
    full = "" if shown(standing) or not standing else "What was said already is long, and stays; this is added to it."
    hint = " ".join(filter(None, (question.hint, full)))
    made = _input(question.key, question.label, element | ({"initial_value": before} if before else {}), hint=hint)
    return made | {"optional": True}


def _input(name: str, label: str, element: Block, *, hint: str = "") -> Block:
    made: Block = {"type": "input", "block_id": name, "label": plain(label, 2000), "element": element}
    return made | ({"hint": plain(hint, 2000)} if hint else {})


def listed(found: Sequence[tuple[Report, str | None]]) -> list[Block]:
    """Return the line that names the reports about something, each with where it hangs."""
    lines = [link(url, f"📝 {outside(one.name)} {one.id}") for one, url in found]
    return [context(" · ".join(lines))] if lines else []
