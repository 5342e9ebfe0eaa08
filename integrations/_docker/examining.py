"""Whether a target of containers could be deployed: the engine answers, compose is there and knows the service."""

from collections.abc import Callable, Iterator

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Finding
from integrations._docker import compose, program
from integrations._docker.engine import Engine
from integrations._docker.section import Served, Service

_NOBODYS = "slipway.examined=never"  # a label that no container bears: asking for it only asks whether it answers


def examined(engine: Engine, section: Served) -> list[Finding]:
    """Look at what a section needs of this machine; it blocks, and changes nothing."""
    return [_found(words, look) for words, look in _looks(engine, section)]


def _looks(engine: Engine, section: Served) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "the Docker Engine answers", lambda: engine.containers(_NOBODYS)
    if isinstance(section, Service):
        yield "compose is installed", program.installed
        yield f"{' and '.join(section.files)}: service {section.service}", lambda: compose.head(section)


def _found(words: str, look: Callable[[], object]) -> Finding:
    try:
        look()
    except (Retry, GaveUp) as no:
        return Finding(ok=False, words=no.reason)
    return Finding(ok=True, words=words)
