"""What messages look like: Slack's mark-up is read as Slack reads it, and nothing else is ever read as mark-up."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.serving import Serving
from tests.e2e.page.acting import DEPLOYMENTS, in_channel
from tests.e2e.page.conftest import Window
from tests.e2e.page.harbour import Json, mrkdwn, plain

SKELETON = """node => {
  const names = {STRONG: "b", EM: "i", S: "s", CODE: "code", PRE: "pre", A: "a", BLOCKQUOTE: "quote", TIME: "time"};
  const show = n => n.nodeType === 3 ? n.data
    : (names[n.tagName] ? `<${names[n.tagName]}>` : "")
      + (n.matches?.(".mention") ? "<@>" : n.matches?.(".emoji") ? "<e>" : "")
      + [...n.childNodes].map(show).join("")
      + (names[n.tagName] || n.matches?.(".mention, .emoji") ? "</>" : "")
      + (n.matches?.(".line:not(:last-child), .marker") ? "|" : "");
  return show(node);
}"""
"""A message's body as short text, so that a test can say what it expects in one line."""

LINES = [
    ("*bold* _italic_ ~gone~ `code`", "<b>bold</> <i>italic</> <s>gone</> <code>code</>"),
    ("*bold and _both_*", "<b>bold and <i>both</></>"),
    ("snake_case_name 2*3*4 ~/x~y", "snake_case_name 2*3*4 ~/x~y"),
    ("* not bold* and *not bold *", "* not bold* and *not bold *"),
    ("(*bold*), *bold*: *bold*.", "(<b>bold</>), <b>bold</>: <b>bold</>."),
    ("`*as it is* &lt;b&gt; &amp;amp;`", "<code>*as it is* <b> &amp;</>"),
    ("*`code` in bold*", "<b><code>code</> in bold</>"),
    ("```\n*a*\n  b\n```after", "<pre>*a*\n  b</>after"),
    ("&gt; quoted\n> twice\nnot", "<quote>quoted|twice</>not"),
    ("before\n&gt;&gt;&gt; all\nthe rest", "before|<quote>all|the rest</>"),
    ("• one\n- two\n3. three", "•|one|–|two|3.|three"),
    (
        "<https://example.org/?a=1&amp;b=2|a link> &amp; <https://example.org>",
        "<a>a link</> & <a>https://example.org</>",
    ),
    ("see https://example.org/x, yes", "see <a>https://example.org/x</>, yes"),
    ("<javascript:alert(1)|click me>", "click me"),
    ("<mailto:a@example.org|a@example.org>", "<a>a@example.org</>"),
    ("<@U0SELMANA3> <@UNOBODY>", "<@>@Selma Nakale</> <@>@UNOBODY</>"),
    (
        "<#C0ALERTSX4> <!here> <!subteam^S0PRODUCT3|@production-team>",
        "<@>#alerts</> <@>@here</> <@>@production-team</>",
    ),
    ("<!date^1700000000^{date_num} {time_secs}|then>", "<time>2023-11-15 00:13:20</>"),
    ("<!date^nonsense^{date}|then>", "then"),
    (":tada: :no_such_emoji: 10:30:45 :+1::skin-tone-3:", "<e>🎉</> :no_such_emoji: 10:30:45 <e>👍🏼</>"),
    ("&lt;img src=x onerror=alert(1)&gt;", "<img src=x onerror=alert(1)>"),
    ("&lt;@U0SELMANA3&gt; &lt;!channel&gt; &amp;lt;", "<@U0SELMANA3> <!channel> &lt;"),
]


async def post(running: Serving, **message: object) -> None:
    """Let the app post by the Web API, as any app does."""
    client = AsyncWebClient(token=running.slack.credentials.bot_token, base_url=f"{running.base_url}/api/")
    await client.api_call("chat.postMessage", json={"channel": DEPLOYMENTS, **message})


def last_body(page: Page) -> Locator:
    return in_channel(page).last.get_by_test_id("message-body")


async def test_marks_are_read_as_slack_reads_them(window: Window, running: Serving) -> None:
    for text, _ in LINES:
        await post(running, text=text)
    page = await window("selma")
    await expect(in_channel(page)).to_have_count(len(LINES))

    shown = await in_channel(page).get_by_test_id("message-body").evaluate_all(f"bodies => bodies.map({SKELETON})")

    assert dict(zip([text for text, _ in LINES], shown, strict=True)) == dict(LINES)


@pytest.mark.parametrize(
    "hostile", ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", '"><svg onload=alert(1)>', "𝕏" * 3000]
)
async def test_hostile_words_stay_words_wherever_they_stand(window: Window, running: Serving, hostile: str) -> None:
    short = hostile[:70]
    blocks: list[Json] = [
        {"type": "header", "text": plain(short)},
        {"type": "section", "text": mrkdwn(hostile), "fields": [plain(short), mrkdwn(short)]},
        {"type": "markdown", "text": f"**{short}** [{short}](javascript:alert(1))"},
        {"type": "actions", "elements": [{"type": "button", "action_id": "x", "text": plain(short)}]},
        {"type": "image", "image_url": f"{running.base_url}/page/none.png", "alt_text": short},
    ]
    page = await window("tomas")

    await post(running, text=hostile, blocks=blocks, username=short)

    await expect(in_channel(page)).to_have_count(1)
    assert await in_channel(page).locator("script, svg[onload], img[onerror], a[href^=javascript]").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
