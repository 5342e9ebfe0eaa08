"""What is wanted of images, and what an image lacks of it, in words that name the place to mend."""

import re
from collections.abc import Sequence

from bot.domain.observation import ImageFacts

_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_AMOUNT = re.compile(r"\+?([0-9]*\.?[0-9]+)", re.ASCII)


def findings(facts: ImageFacts, *, non_root: bool, limits: Sequence[str]) -> list[str]:
    """Say in a sentence each what an image, and how it would be run, lacks."""
    where = facts.limits_field or "the place where it is run"
    unlimited = [name for name in limits if not _is_limit(facts.limits.get(name, ""))]
    return [
        *([_as_root(facts)] if non_root and _is_root(facts.user) else []),
        *(f"it has no limit of {name}: set it in {where}" for name in unlimited),
    ]


def _is_root(user: str | None) -> bool:
    """Whether it is root: by name, by nothing, or by a number that is 0, however it is written (`00`, `+0`, `0:0`)."""
    named = (user or "").partition(":")[0].strip()
    return named in {"", "root"} or (_NUMBER.fullmatch(named) is not None and int(named) == 0)


def _is_limit(amount: str) -> bool:
    """Whether an amount (`256m`, `0.5`) limits anything: engines take 0 for none, and what is no amount is none."""
    found = _AMOUNT.match(amount.strip())
    return found is not None and float(found[1]) > 0


def _as_root(facts: ImageFacts) -> str:
    said = "no user is set, so it would run as root" if facts.user is None else f"it would run as “{facts.user}”"
    return f"{said}: set {facts.user_field or 'the user of its image'} to another user"
