"""Having it told in the thread of a group's card that alerts have joined or ended, without calling anybody."""

from bot.domain.alert import News
from bot.domain.alertgroup import Group, State, raises
from bot.domain.joining import Turn
from bot.ledger import alertgroups, cards, joinings
from bot.ledger.ledger import Tx


async def tell(tx: Tx, before: Group, after: Group, fresh: News) -> None:
    """Have what is news of a group told, together with what was news within the last minute.

    What calls people (it is worse, or it is back) is told where they are called, and not twice.
    """
    called = bool(fresh.fired) and raises(before, max(one.severity for one in fresh.fired))
    quiet = News(fired=() if called else fresh.fired, resolved=fresh.resolved)
    if not quiet.any:
        return
    over, last = after.state is State.RESOLVED, await joinings.newest(tx, after.id)
    if last is not None and last[1].takes(tx.now):
        await joinings.change(tx, last[0], last[1].then(quiet, over=over))
        cards.touch(tx, joinings.subject(last[0]))
        return
    live = await cards.of(tx, alertgroups.subject(after.id), "live")
    if live is not None:
        number = await joinings.add(tx, after.id, Turn(tx.now).then(quiet, over=over))
        await cards.add(tx, joinings.subject(number), "told", live.channel, thread_of=live.id)
