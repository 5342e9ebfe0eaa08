"""What is wanted of images, and what an image lacks of it, in words that name the place to mend."""

from collections.abc import Sequence

from bot.domain.observation import ImageFacts

ROOT = frozenset({"", "0", "root"})


def findings(facts: ImageFacts, *, non_root: bool, limits: Sequence[str]) -> list[str]:
    """Say in a sentence each what an image, and how it would be run, lacks."""
    where = facts.limits_field or "the place where it is run"
    unlimited = [name for name in limits if not facts.limits.get(name)]
    return [
        *([_as_root(facts)] if non_root and _is_root(facts.user) else []),
        *(f"it has no limit of {name}: set it in {where}" for name in unlimited),
    ]


def _is_root(user: str | None) -> bool:
    return user is None or user.partition(":")[0] in ROOT


def _as_root(facts: ImageFacts) -> str:
    said = "no user is set, so it would run as root" if facts.user is None else f"it would run as “{facts.user}”"
    return f"{said}: set {facts.user_field or 'the user of its image'} to another user"
