"""What containers and their engine say, as it may be shown and written down: masked first, and cut after.

What is cut first may show half a secret, which no mask knows. A host that was started anew was told no secrets: those
that a container has are in its environment.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.masking import Mask
from integrations._docker.engine import Seen
from integrations._docker.section import Served
from integrations.environment_secrets import sensitive

_LONGEST_SHOWN = 300  # characters of a line


class Words:
    """Of one host."""

    def __init__(self) -> None:
        self._mask = Mask()
        self._known: frozenset[str] = frozenset()

    def learn(self, secrets: Iterable[str]) -> None:
        """Cover these from now on."""
        new = {form for secret in secrets for form in sensitive(secret)} - self._known
        if new:
            self._mask.learn(*new)
            self._known |= new

    def of(self, section: Served, found: Seen) -> Seen:
        """Learn the secrets that a container has, and return it with what its health check says as it may be shown."""
        self.learn(found.environment[name] for name in section.secrets if name in found.environment)
        return replace(found, said=self.cut(found.said))

    def masked(self, words: str) -> str:
        """Return words without the secrets in them."""
        return self._mask(words)

    def cut(self, line: str) -> str:
        """Return a line without the secrets in it, as long as it may be shown."""
        return self._mask(line)[:_LONGEST_SHOWN]

    def lines(self, text: str) -> str:
        """Return lines as they may be shown, each on a line of its own."""
        masked = self._mask(text)  # as a whole: a secret may have more lines than one
        return "".join(f"\n{line[:_LONGEST_SHOWN]}" for line in masked.splitlines() if line.strip())
