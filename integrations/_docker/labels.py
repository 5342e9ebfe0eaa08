"""Whose a container is, written on it: any engine, and anybody with `docker inspect`, can say so without us."""

import hashlib
import json
from collections.abc import Mapping

from bot.domain.target import Target
from bot.ports import Section
from integrations._docker.engine import Engine, Seen
from integrations._docker.record import Wish

HOME = "slipway.home"  # which Slipway, by its data folder
TARGET = "slipway.target"
KEY = "slipway.key"
MARK = "slipway.mark"  # of home, target and key, as a word
VERSION = "slipway.version"
COMMIT = "slipway.commit"
DIGEST = "slipway.digest"
RUN = "slipway.run"  # of one-off work: its key, as a word
COMPOSE_PROJECT, COMPOSE_SERVICE = "com.docker.compose.project", "com.docker.compose.service"
COMPOSE_NUMBER = "com.docker.compose.container-number"
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


def bearing(engine: Engine, *marks: str) -> list[Seen]:
    """Look at all containers, ended ones too, that we made with these labels (``name=value``). It blocks.

    An image that somebody made of one of ours (``docker commit``) has its labels, and so has whatever runs of it: what
    we made is told by its name, which is given once.
    """
    return [one for one in engine.containers(*marks) if made(one)]


def made(one: Seen) -> bool:
    """Whether a container has the name that its maker gave to what bears these labels."""
    said = one.labels
    if COMPOSE_PROJECT in said:
        parts = said[COMPOSE_PROJECT], said.get(COMPOSE_SERVICE, ""), said.get(COMPOSE_NUMBER, "")
        return one.name in {"_".join(parts), "-".join(parts)}  # v1, and v2
    return one.name == name(said.get(TARGET, ""), said.get(MARK, ""))


def name(target: Target | str, mark: str) -> str:
    """Return what the docker backend calls a target's container of a mark."""
    return f"{str(target).replace('/', '-')}-{mark}"


def section_of(labels: Mapping[str, str]) -> Section:
    """Return what the catalog said of the target when the container was made."""
    return dict(json.loads(labels.get(SECTION, "{}")))
