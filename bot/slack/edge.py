"""The edge to Slack: Bolt between the guard and the vocabulary, and the one place where answers become Slack's.

Listeners validate, commit and answer; Bolt waits for them (`process_before_response`), so that the ack leaves as soon
as the transaction has committed, and not at the next turn of a polling loop. What needs Slack's own API (opening a
modal, a whisper after a press) happens after the ack, in tasks that are kept and drained. This is one of the two
edges where anything is caught: a bug is logged under a number, and the person is told the number.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from bot.command import Answer, Button, Context, Heard, Open, Submission, Wrong, number_of
from bot.domain.errors import GaveUp, Refused, Retry
from bot.ports import Gone, Paper, Unclear
from bot.slack import payload
from bot.slack.board import SlackBoard
from bot.slack.client import SlackClient
from bot.slack.directory import SlackDirectory
from bot.slack.payload import Body
from bot.views.help import blocks as help_blocks
from bot.views.kit import Message, divider, escape
from bot.vocabulary import Vocabulary
from bot.world import World

ANYTHING = re.compile(".*")
log = structlog.get_logger(__name__)


@dataclass
class Edge:
    """Everything that comes from Slack, over HTTP or Socket Mode, comes through `dispatch`."""

    world: World
    client: SlackClient
    board: SlackBoard
    directory: SlackDirectory
    vocabulary: Vocabulary = field(default_factory=Vocabulary.found)
    identity: AuthorizeResult | None = None
    bolt: AsyncApp = field(init=False)
    _after: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.bolt = AsyncApp(
            client=self.client.web,
            authorize=_as(self),
            process_before_response=True,
            request_verification_enabled=False,  # the guard has verified the raw bytes; Socket Mode needs none
            ssl_check_enabled=False,
        )
        self.bolt.command(ANYTHING)(self._command)
        self.bolt.action(ANYTHING)(self._action)
        self.bolt.view(ANYTHING)(self._submission)
        self.bolt.view_closed(ANYTHING)(_heard)
        self.bolt.shortcut(ANYTHING)(_heard)
        self.bolt.options(ANYTHING)(_no_options)
        self.bolt.event(ANYTHING)(self._event)

    async def dispatch(self, body: Body) -> BoltResponse:
        """Answer one payload, already verified and parsed."""
        request = AsyncBoltRequest(body=body, mode="socket_mode")
        return await self.bolt.async_dispatch(request)

    async def introduce(self) -> AuthorizeResult:
        """Ask Slack who we are: once, for the log, the links and the readiness; no answer to a person waits for it."""
        me = await self.client.call("auth.test", {})
        self.directory.home = str(me.get("url") or "")
        self.identity = AuthorizeResult(
            enterprise_id=me.get("enterprise_id"),
            team_id=me.get("team_id"),
            bot_user_id=me.get("user_id"),
            bot_id=me.get("bot_id"),
            bot_token=self.client.web.token,
        )
        return self.identity

    async def drain(self) -> None:
        """Let what happens after acks come to its end."""
        if self._after:
            await asyncio.wait(self._after, timeout=5)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._after.add(task)
        task.add_done_callback(self._after.discard)

    # --- what people do -------------------------------------------------------------------------------------------

    async def _command(self, ack: AsyncAck, body: Body) -> None:
        """Answer a slash command, in the ack."""
        ctx = Context(self.world, body["user_id"], body["channel_id"], body["trigger_id"])
        said = self.vocabulary.say(body["command"].removeprefix("/"), body.get("text") or "", ctx)
        answer = await self._caught(said, ctx)
        if isinstance(answer, Open):
            self._later(self._open(body["trigger_id"], answer, ctx))
            await ack()
        elif isinstance(answer, Message):
            await ack(response_type="ephemeral", text=answer.text, blocks=[dict(block) for block in answer.blocks])
        else:
            await ack()

    async def _action(self, ack: AsyncAck, body: Body) -> None:
        """Answer a pressed button: the card is repainted, and only what the card does not say is whispered."""
        name, value = payload.meant(body["actions"][0])
        button = self.vocabulary.buttons.get(name)
        if button is None:
            await ack()
            return
        ctx = Context(
            self.world,
            body["user"]["id"],
            (body.get("channel") or {}).get("id", ""),
            body["trigger_id"],
            payload.thread_of(body),
        )
        answer = await self._caught(_pressed(button, value, ctx), ctx)
        await ack()
        if isinstance(answer, Open):
            self._later(self._open(body["trigger_id"], answer, ctx))
        elif isinstance(answer, Message):
            self._later(self._whisper(ctx, answer))

    async def _submission(self, ack: AsyncAck, body: Body) -> None:
        """Answer a modal that was sent off: what is wrong with it is said in it."""
        view = body["view"]
        form = self.vocabulary.forms.get(view["callback_id"])
        if form is None:
            await ack()
            return
        about = payload.about(view)
        ctx = Context(
            self.world, body["user"]["id"], str(about.get("channel", "")), body.get("trigger_id") or view["id"]
        )
        answer = await self._caught(
            form.submit(Submission(payload.values(view), str(about.get("about", ""))), ctx), ctx
        )
        if isinstance(answer, Wrong):
            errors = {name: self.world.mask(words) for name, words in answer.errors.items()}
            await ack(response_action="errors", errors=errors)
            return
        await ack()
        if isinstance(answer, Message):
            self._later(self._whisper(ctx, answer))

    async def _event(self, body: Body, event: Body) -> None:
        """Hear an event; only few of them matter."""
        match event:
            case {"type": "subteam_members_changed" | "subteam_updated" | "subteam_created"}:
                self.directory.forget()
            case {"type": "user_change", "user": {"id": str()} as user}:
                self.directory.hear(user)
            case {"type": "message", "user": str(person), "thread_ts": str(thread), "ts": str(ts)} if payload.is_talk(
                event
            ):
                heard = Heard(str(event.get("text") or ""), str(event.get("channel")), thread, ts)
                await self._hear(
                    "message", heard, Context(self.world, person, heard.channel, payload.id_of(body), thread)
                )
            case {
                "type": "reaction_added" | "reaction_removed" as kind,
                "user": str(person),
                "item": {"channel": str(channel), "ts": str(ts)},
            }:
                heard = Heard(str(event.get("reaction")), channel, ts, str(event.get("event_ts")))
                await self._hear(kind, heard, Context(self.world, person, channel, payload.id_of(body)))
            case {"type": "app_home_opened"} if event.get("tab") in {"home", None}:
                self._later(self._home(str(event.get("user"))))

    async def _hear(self, kind: str, heard: Heard, ctx: Context) -> None:
        """Have what was said or done answered by whoever listens for it; what is for nobody is let be."""
        for listening in self.vocabulary.heard:
            if listening.event == kind:
                answer = await self._caught(listening.hear(heard, ctx), ctx)
                if isinstance(answer, Message):
                    self._later(self._whisper(ctx, answer))

    # --- answers ----------------------------------------------------------------------------------------------------

    async def _caught(self, answering: Awaitable[Answer], ctx: Context) -> Answer:
        """Turn the three kinds of no into words for the person, and a bug into a number."""
        try:
            return await answering
        except Refused as no:
            return _said(self.world.mask(str(no)))
        except (Retry, GaveUp) as error:
            return _said(f"I could not do that: {self.world.mask(error.reason)}. Nothing was changed.")
        except Unclear as error:
            return _said(f"I cannot tell whether I took that: {error}. Look at `/status` before you say it again.")
        except Exception:  # the one catch of the edge: a person gets words, and the log gets the traceback
            number = secrets.token_hex(4)
            log.exception("a bug", number=number, person=ctx.person)
            return _said(f"Something is broken in me, and it is not your fault (number {number}, see my log).")

    async def _open(self, trigger_id: str, answer: Open, ctx: Context) -> None:
        try:
            await self.board.open(trigger_id, answer.modal)
        except (Retry, GaveUp, Gone, Unclear) as error:
            await self._whisper(ctx, _said(f"The window did not open: {error}."))

    async def _whisper(self, ctx: Context, message: Message) -> None:
        try:
            paper = Paper(message.text, message.blocks)
            await self.board.whisper(ctx.channel or ctx.person, ctx.person, paper, thread_ts=ctx.thread)
        except (Retry, GaveUp, Gone, Unclear) as error:
            log.warning("a whisper was lost", person=ctx.person, reason=str(error))

    async def _home(self, person: str) -> None:
        """Publish what fires, how things stand, and under it what one can say."""
        ctx = Context(self.world, person, "", f"home-{person}")
        stands: list[Any] = []
        for word in ["alerts", "status"] if self.world.catalog.alerts else ["status"]:
            answer = await self._caught(self.vocabulary.say(word, "", ctx), ctx)
            stands += [*answer.blocks, divider()] if isinstance(answer, Message) else []
        view = {"type": "home", "blocks": [*stands, *help_blocks(self.vocabulary.lines())]}
        try:
            await self.board.home(person, view)
        except (Retry, GaveUp, Gone, Unclear) as error:
            log.warning("App Home was not published", person=person, reason=str(error))


def _as(edge: Edge) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Return what tells Bolt who we are: the token at least, for what comes may be answered while Slack is away.

    Bolt reads its arguments' names, so it has none.
    """
    nobody = AuthorizeResult(enterprise_id=None, team_id=None, bot_token=edge.client.web.token)

    async def authorize() -> AuthorizeResult:
        return edge.identity or nobody

    return authorize


def _said(words: str) -> Message:
    text = escape(words)
    return Message(text, [{"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}])


async def _pressed(button: Button, value: object, ctx: Context) -> Answer:
    return await button.press(number_of(value), ctx)


async def _heard(ack: AsyncAck) -> None:
    """Hear what asks for nothing more than to be heard."""
    await ack()


async def _no_options(ack: AsyncAck) -> None:
    """Answer a select that asks for options; none of ours does."""
    await ack(options=[])
