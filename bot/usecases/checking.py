"""Asking what others have said of a commit, for the gates that want to know."""

from collections.abc import Sequence

from bot.domain.check import judge
from bot.domain.errors import GaveUp, Retry
from bot.domain.gate import Verdict, worst
from bot.domain.plan import PlannedOperation
from bot.ports import Checks
from bot.world import World


async def of(world: World, planned: PlannedOperation, patterns: Sequence[str]) -> tuple[Verdict, str]:
    """Return what the checks come to that patterns mean, for the commit that goes, in words for people."""
    source = world.source(planned.service)
    if not isinstance(source, Checks):
        kind = world.catalog.service(planned.service).source.kind
        return Verdict.UNKNOWN, f"{kind} knows no checks of commits, and {', '.join(patterns)} must have passed"
    try:
        checks = await source.checks(planned.service, planned.to.commit)
    except (Retry, GaveUp) as error:
        return Verdict.UNKNOWN, f"its checks cannot be read: {world.mask(error.reason)}"
    judged = [judge(pattern, checks) for pattern in patterns]
    verdict = worst(one for one, _ in judged)
    words = "; ".join(said for one, said in judged if one is verdict)
    return verdict, words if verdict is Verdict.PASS else f"{planned.to.version} ({planned.to.commit[:7]}): {words}"
