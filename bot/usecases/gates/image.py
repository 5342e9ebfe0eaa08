"""`image`: what is deployed does not run as root, has its limits, and its scanner has nothing against it.

Each finding names the field to mend. A backend that cannot say what it would run a release as leaves that unknown,
which blocks: a policy that nobody can look after must not look as if it were kept. A rollback and a restart are not
asked: the way out of trouble must not depend on it.
"""

from bot.catalog import ImageRule
from bot.domain.errors import GaveUp, Retry
from bot.domain.gate import GateResult, Verdict, worst
from bot.domain.image import findings
from bot.domain.operation import Kind
from bot.domain.plan import Plan, PlannedOperation
from bot.domain.target import Target
from bot.ledger import releases
from bot.ports import Desired, Inspector
from bot.usecases import checking
from bot.world import World

Judged = tuple[Verdict, str]


async def check(world: World, plan: Plan, planned: PlannedOperation) -> GateResult | None:
    """Look at the image, and ask for its scanner's verdict."""
    rule = world.catalog.environment(plan.environment).image
    if rule is None or plan.kind is not Kind.DEPLOY:
        return None
    target = Target(planned.service, plan.environment)
    judged = await _looked(world, target, planned, rule) if rule.non_root or rule.limits else []
    judged += [await checking.of(world, planned, [rule.scanner])] if rule.scanner else []
    verdict = worst(one for one, _ in judged)
    words = "; ".join(said for one, said in judged if verdict is Verdict.PASS or one is not Verdict.PASS)
    return GateResult("image", str(target), verdict, words or "nothing is wanted of its image")


async def _looked(world: World, target: Target, planned: PlannedOperation, rule: ImageRule) -> list[Judged]:
    backend, config = world.backend(target), world.catalog.section(target)
    release = await releases.get(world.ledger.reading, planned.to.id)
    if not isinstance(backend, Inspector):
        return [(Verdict.UNKNOWN, f"{config['kind']} cannot say what it would run {planned.to.version} as")]
    if release is None or release.digest is None:
        return [(Verdict.UNKNOWN, f"{planned.to.version} is not built yet, so there is no image to look at")]
    try:
        facts = await backend.inspect(target, Desired(release, config))
    except Retry as error:
        return [(Verdict.UNKNOWN, f"its image cannot be looked at now: {world.mask(error.reason)}")]
    except GaveUp as error:
        return [(Verdict.FAIL, f"its image cannot be looked at: {world.mask(error.reason)}")]
    found = findings(facts, non_root=rule.non_root, limits=rule.limits)
    return [(Verdict.FAIL, one) for one in found] or [(Verdict.PASS, _kept(rule))]


def _kept(rule: ImageRule) -> str:
    return ", ".join(["not root"] * rule.non_root + [f"a limit of {name}" for name in rule.limits])


GATE = check
