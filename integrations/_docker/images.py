"""An image by its digest, and its facts. They block, as the engine does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.errors import GaveUp
from bot.domain.observation import ImageFacts
from integrations._docker.engine import Engine


def found(engine: Engine, repository: str | None, digest: str) -> str | None:
    """Return the id of an image that the engine has: by its own id, or by the digest its registry gave it."""
    image = engine.image(digest) or (engine.image(f"{repository}@{digest}") if repository else None)
    return str(image["Id"]) if image else None


def fetched(engine: Engine, repository: str | None, digest: str) -> str:
    """Return the id of an image, pulled where the engine has it not; `GaveUp` when there is no such image."""
    known = found(engine, repository, digest)
    if known is not None:
        return known
    insist_on_repository(repository, digest)
    engine.pull(str(repository), digest)
    pulled = found(engine, repository, digest)
    if pulled is None:
        raise GaveUp(f"{repository}@{digest} was pulled, and the engine does not know it")
    return pulled


def insist_on_repository(repository: str | None, digest: str) -> None:
    """Refuse what can neither be found nor pulled."""
    if repository is None:
        raise GaveUp(
            f"the engine has no image {digest[:19]}…, and the section names no `image` to pull it from: "
            "build it there, or give the section its repository"
        )


def facts(
    engine: Engine, repository: str | None, digest: str, user: str | None, where: Mapping[str, Any]
) -> ImageFacts:
    """Return what an image is; the section's `user` goes before the image's own. `where` are the rest of the facts."""
    image = engine.image(fetched(engine, repository, digest)) or {}
    own = image.get("Config") or {}
    written = str(image.get("Created") or "")
    created = datetime.fromisoformat(written) if written and not written.startswith("0001") else None
    return ImageFacts(digest, user or own.get("User") or None, image.get("Size"), created, **where)
