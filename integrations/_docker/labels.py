"""Whose a container is, written on it: any engine, and anybody with `docker inspect`, can say so without us."""

import hashlib
import json
from collections.abc import Mapping

from bot.domain.target import Target
from bot.ports import Section
from integrations._docker.record import Wish

HOME = "slipway.home"  # which Slipway, by its data folder
TARGET = "slipway.target"
KEY = "slipway.key"
MARK = "slipway.mark"  # of home, target and key, as a word
VERSION = "slipway.version"
COMMIT = "slipway.commit"
DIGEST = "slipway.digest"
RUN = "slipway.run"  # of one-off work: its key, as a word
SECTION = "slipway.section"  # what the catalog said of the target then


def mark(home: str, target: Target, key: str) -> str:
    """Return the word by which a key's container is known; a key may hold any character, a name may not."""
    return hashlib.sha256(f"{home}\0{target}\0{key}".encode()).hexdigest()[:16]


def of(home: str, target: Target, wish: Wish) -> dict[str, str]:
    """Return what a wish's container bears."""
    return {
        HOME: home,
        TARGET: str(target),
        KEY: wish.key,
        MARK: mark(home, target, wish.key),
        VERSION: wish.version,
        COMMIT: wish.commit,
        DIGEST: wish.digest,
        SECTION: json.dumps(dict(wish.section), ensure_ascii=False, sort_keys=True),
    }


def section_of(labels: Mapping[str, str]) -> Section:
    """Return what the catalog said of the target when the container was made."""
    return dict(json.loads(labels.get(SECTION, "{}")))
