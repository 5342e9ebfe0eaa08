"""Painting one card: read the row, draw it, post or edit the message, note what is shown.

Posting is made idempotent by the message's metadata: the intent is committed first, and a painter that finds an
intent without an outcome looks for the message before it posts. What cannot be done now (429, Slack down) is put off
to a time in the ledger; a message or channel that is gone leads to a new place that people can see.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.errors import GaveUp, Retry
from bot.ledger import cards, hopeless, pace, painting
from bot.ledger.cards import POSTED_WITHIN, Card
from bot.ledger.ledger import Tx
from bot.ledger.pace import Limit
from bot.painter.pictures import Picture
from bot.plugins import introduced
from bot.ports import Board, Gone, Paper, Place, Unclear
from bot.world import World

EVENT_TYPE = "slipway_card"
LOOK_AFTER = timedelta(seconds=2)  # a message that was sent off without an answer may still arrive
SOON = timedelta(seconds=2)
GIVEN_UP = timedelta(minutes=5)
LONGEST = timedelta(hours=1)  # until it is tried again to post a card that has no place anywhere
SHOWN_WITHIN = POSTED_WITHIN.total_seconds() - 2  # so that nobody else is at it before one has ended
EDITS = Limit("chat.update", timedelta(seconds=1.3), 8)  # tier 3: 50 a minute for the whole workspace

log = structlog.get_logger(__name__)


def posts(channel: str) -> Limit:
    """Return the limit of posting to a channel: one message a second, and a short burst."""
    return Limit(f"chat.postMessage/{channel}", timedelta(seconds=1), 4)


@dataclass(frozen=True, slots=True)
class Turn:
    """A card that may be painted now, and the card in whose thread it hangs, if it does."""

    card: Card
    thread: Card | None

    @property
    def channel(self) -> str:
        """Where it hangs, or is to hang."""
        return self.thread.channel if self.thread else self.card.channel

    @property
    def thread_ts(self) -> str | None:
        """The message in whose thread it hangs."""
        return self.thread.ts if self.thread else None

    @property
    def limit(self) -> Limit:
        """Slack's limit for what is to be done: an edit, or a message."""
        return EDITS if self.card.ts else posts(self.channel)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A card with what it is to show."""

    turn: Turn
    paper: Paper

    @property
    def card(self) -> Card:
        """The card; its revision is the one that is shown."""
        return self.turn.card

    @property
    def kind(self) -> str:
        """What kind of row it pictures."""
        return self.turn.card.subject.partition(":")[0]


class Painter:
    """Paints cards; one job paints one card, one channel's cards one after the other."""

    def __init__(self, world: World, board: Board) -> None:
        self._world = world
        self._board = board
        self._pictures = {one.kind: one for one in introduced("bot.painter.pictures", "PICTURE", Picture)}

    async def paint(self, card_id: int) -> None:
        """Bring a card up to date, or note why not and when to try again."""
        turn = await self._take_turn(card_id)
        if turn is None:
            return
        sheet = await self._draw(turn)
        try:
            async with asyncio.timeout(SHOWN_WITHIN):
                place = await self._show(sheet)
        except Retry as later:
            await self._put_off(sheet, later)
        except (Unclear, TimeoutError) as error:
            await self._put_off(sheet, Retry(str(error) or "Slack did not answer", after=LOOK_AFTER))
        except Gone as gone:
            await self._move(sheet, gone)
        except GaveUp as no:
            log.warning("a card cannot be shown", card=card_id, reason=no.reason)
            patience = _patience(sheet.card, self._world.clock.now())
            await self._put_off(sheet, Retry(no.reason, after=patience), no)
        else:
            async with self._world.ledger.transaction() as tx:
                await painting.shown(tx, sheet.card, ts=place.ts, channel=place.channel, revision=sheet.card.revision)
                if sheet.card.ts is None:
                    await self._became(tx, sheet, None)

    async def _take_turn(self, card_id: int) -> Turn | None:
        """Take a place under Slack's limits for a card that is stale; without one it is put off until there is.

        This is short, and apart from the drawing: whoever writes to the row that the card pictures waits for it.
        """
        async with self._world.ledger.transaction() as tx:
            card = await painting.begin_painting(tx, card_id)
            if card is None or card.shown_revision >= card.revision:
                return None
            thread = await cards.get(tx, card.thread_of) if card.thread_of else None
            if thread is not None and thread.ts is None:
                await painting.put_off(tx, card, until=max(tx.now + SOON, thread.due_at or tx.now))
                return None
            if card.due_at is not None and card.rests(tx.now):
                await painting.put_off(tx, card, until=card.due_at, fault=card.fault)
                return None  # it is being posted, may still arrive, or has no place: one looks again then
            turn = Turn(card, thread)
            until = await pace.take(tx, turn.limit, urgent=card.urgent)
            if until is not None:
                await painting.put_off(tx, card, until=until)
                return None
            await painting.take_turn(tx, card)
            return turn

    async def _draw(self, turn: Turn) -> Sheet:
        """Draw a card from its row, which may be newer by now than the revision that the card claims to show."""
        card = turn.card
        async with self._world.ledger.transaction() as tx:
            draw = await self._pictures[card.subject.partition(":")[0]].read(self._world, tx, card)
        message = await draw()
        payload = {"subject": card.subject, "revision": card.revision, "role": card.role, "card": card.id}
        return Sheet(turn, Paper(message.text, message.blocks, {"event_type": EVENT_TYPE, "event_payload": payload}))

    async def _show(self, sheet: Sheet) -> Place:
        """Edit the message, or post it unless it turns out to have been posted."""
        card = sheet.card
        if card.ts is not None:
            place = Place(card.channel, card.ts)
            await self._board.update(place, sheet.paper)
            return place
        channel = await self._board.channel_id(sheet.turn.channel)
        if card.posting_at is not None:
            since = card.posting_at - timedelta(minutes=1)
            found = await self._board.find(channel, str(card.id), since=since, thread_ts=sheet.turn.thread_ts)
            if found is not None:
                await self._board.update(found, sheet.paper)
                return found
        return await self._board.post(channel, sheet.paper, thread_ts=sheet.turn.thread_ts)

    async def _became(self, tx: Tx, sheet: Sheet, why: Exception | None) -> None:
        """Tell whoever it matters to what became of a card that was to be posted."""
        became = self._pictures[sheet.kind].became
        if became is not None:
            await became(self._world, tx, sheet.card, why)

    async def _put_off(self, sheet: Sheet, later: Retry, why: Exception | None = None) -> None:
        async with self._world.ledger.transaction() as tx:
            until = tx.now + (later.after or SOON)
            await painting.put_off(tx, sheet.card, until=until, fault=self._world.mask(later.reason)[:300])
            if later.after is not None and later.reason == "ratelimited":
                await pace.stop(tx, sheet.turn.limit, until=until)
            if sheet.card.ts is None:
                await self._became(tx, sheet, why or later)

    async def _move(self, sheet: Sheet, gone: Gone) -> None:
        """Give the card a new place: the same channel where only the message is gone, else the other channel.

        Where the other one is gone too, the first is tried again later, and ever less often the longer it lasts.
        """
        card, stays = sheet.card, self._pictures[sheet.kind].stays
        log.warning("a card's place is gone", card=card.id, place=gone.place, reason=gone.reason)
        async with self._world.ledger.transaction() as tx:
            await self._became(tx, sheet, gone)
            home, other = await self._channels(tx, sheet)
            if stays:
                await hopeless.give_up(tx, card)
            elif card.thread_of is not None:
                await painting.put_off(tx, card, until=tx.now + GIVEN_UP, fault=gone.reason)
            elif gone.place == "message":
                await painting.move(tx, card, channel=card.channel, fault=gone.reason)
            elif card.ts is None and card.channel == other:
                await painting.move(tx, card, channel=home, fault=gone.reason, until=tx.now + _pause(card, tx.now))
            else:
                await painting.move(tx, card, channel=other, fault=gone.reason)

    async def _channels(self, tx: Tx, sheet: Sheet) -> tuple[str, str]:
        """Return the channel where a card belongs, and the one where people see it when that is gone."""
        card, channels = sheet.card, self._world.catalog.channels
        places = self._pictures[sheet.kind].places
        if places is not None:
            return await places(self._world, tx, card)
        if card.role == "approval":
            return channels.approvals, channels.deployments
        return channels.deployments, channels.approvals


def _patience(card: Card, now: datetime) -> timedelta:
    """Return after how long to try again what Slack refuses: soon for a new card, whose picture may not be ready."""
    return GIVEN_UP if card.ts is not None else min(max(now - card.created_at, SOON), GIVEN_UP)


def _pause(card: Card, now: datetime) -> timedelta:
    return min(max(now - card.created_at, GIVEN_UP), LONGEST)
