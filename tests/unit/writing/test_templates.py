"""A template that is wrong, endless or hungry is named with its line and ends nothing else; nothing it prints calls."""

import pytest

from bot.domain.report import Report
from bot.sandbox.validation import check_blocks
from bot.views import reports as view
from bot.writing import Fault, Template, Written, fill_in
from tests.fakes.clock import FakeClock

ODD = "<!channel> <@U1> *bold* _it_ `code` [x](https://evil.example) | # a\n- b <b>html</b> 1. one مرحبا \u202eevil"


async def made(text: str, *, answers: dict[str, object] | None = None, **values: object) -> Written:
    written = await fill_in(Template("own.md", text), values, answers or {})
    assert isinstance(written, Written), written
    return written


def spans(written: Written) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for part in written.parts:
        inner = part.get("spans")
        found += inner if isinstance(inner, list) else []
    return found


@pytest.mark.parametrize("text", ["{{ odd }}", "# {{ odd }}", "- {{ odd }}", "> {{ odd }}", "a **{{ odd }}** b"])
async def test_outside_words_are_shown_as_they_are(text: str) -> None:
    written = await made(text, odd=ODD)

    shown = "".join(str(one["text"]) for one in spans(written))
    assert " ".join(ODD.replace("\u202e", "").split()) in shown.replace("\u2068", "").replace("\u2069", "")
    assert not any("url" in one for one in spans(written))
    assert len(written.parts) == 1


@pytest.mark.parametrize(
    "value", ["# no heading", "- no item", "1. no number", "===", "---", "> no quote", "    no code"]
)
async def test_a_value_at_the_beginning_of_a_line_is_no_block(value: str) -> None:
    (part,) = (await made("{{ value }}\n", value=value)).parts

    assert part["kind"] == "text"


async def test_versions_and_names_are_not_made_ugly() -> None:
    assert (await made("{{ a }} {{ b }}", a="1.4.2-rc.1+5", b="2026-03-02 11:00 (UTC)")).markdown == (
        "1.4.2-rc.1+5 2026-03-02 11:00 (UTC)"
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\n\n{{ nobody }}", 3, "'nobody' is undefined"),
        ("{{ report.nothing }}", 1, "has no attribute 'nothing'"),
        ("a\n{% for x in %}", 2, "Expected an expression"),
        ("a\n{{ 1 / 0 }}", 2, "division by zero"),
        ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("{{ lines.append(1) }}", 1, "unsafe"),
        ("{% include 'secrets' %}", 1, "a template stands alone"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", 1, "without an end"),
        ("{{ 'a' * 1000000000 }}", 1, "memory"),
        ("{% for x in range(99999) %}xxxxxxxxxx{% endfor %}", None, "longer than 100000"),
        ("{% for x in range(99999) %}{% for y in range(99999) %}{% endfor %}{% endfor %}", None, "two seconds"),
        ("{{ ask('Not A Key', 'What?') }}", 1, "is no name of a question"),
        ("{{ ask('key', '') }}", 1, "needs a label"),
        ("\n{% for x in range(21) %}{{ ask('key-' ~ x, 'What?') }}{% endfor %}", 2, "more than 20 questions"),
    ],
)
async def test_what_is_wrong_is_named_with_its_line(text: str, line: int | None, words: str) -> None:
    fault = await fill_in(Template("own.md", text), {"report": {}, "lines": []}, {})

    assert isinstance(fault, Fault), fault
    assert words in fault.words
    assert fault.line == line


async def test_a_template_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-lantern-mango")

    fault = await fill_in(Template("own.md", "{{ cycler.__init__.__globals__.os.environ }}"), {}, {})

    assert isinstance(fault, Fault), fault


async def test_an_answer_keeps_its_lines_and_its_author() -> None:
    answers = {"why": [{"text": "one\ntwo\n\n# three", "by": "Selma *N*", "at": "11:00"}]}

    written = await made("{{ ask('why', 'Why?', 'Five times') }}", answers=answers)

    assert written.markdown == "one\\\ntwo\n\n\\# three\n\n*Selma \\*N\\*, 11:00*"
    assert [(one.key, one.label, one.hint) for one in written.questions] == [("why", "Why?", "Five times")]


async def test_the_parts_of_markdown_are_what_slack_takes() -> None:
    text = """# One

Two **bold** *it* ~~no~~ `code` [link](https://example.org/a_b) [none](javascript:alert) ![picture](x.png)

- a
  - b
    1. c

7. seven

> quote
> more

```
<!channel>
```

---

| a | b |
|---|---|
| c | d |

<script>alert(1)</script>
"""
    written = await made(text)
    now = FakeClock().now()
    report = Report(1, "own", "change:1", "incidents", None, now, parts=written.parts, title="x", questions=[])

    message = view.live(report, "")
    assert check_blocks(list(message.blocks), surface="message") == []
    kinds = [part["kind"] for part in written.parts]
    assert kinds == ["heading", "text", "item", "item", "item", "item", "quote", "code", "rule", "text", "text", "text"]
    assert [one["url"] for one in spans(written) if "url" in one] == ["https://example.org/a_b"]


async def test_a_part_longer_than_a_block_and_many_parts_fit_into_messages() -> None:
    text = "\n\n".join([f"{'wort ' * 3000}", *("* * *" for _ in range(100)), "```\n" + "x" * 9000 + "\n```"])
    written = await made(text)
    report = Report(1, "own", "change:1", "incidents", None, FakeClock().now(), parts=written.parts)

    pages = view.pages(report)
    assert len(pages) > 3
    for page in pages:
        assert check_blocks(page, surface="message") == []
        assert len(page) <= 45
