"""Secrets from the bot's own environment: the variable NAME, or the file that NAME_FILE names (Docker, Kubernetes).

Files are read when they are needed, so that a secret that was rotated in its file is used from then on.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from bot.domain.errors import GaveUp
from bot.ports.secret_names import is_name


class EnvironmentSecrets:
    """Implements `bot.ports.Secrets`; `learn` is told every value, so that it is masked wherever it turns up."""

    def __init__(self, environment: Mapping[str, str], learn: Callable[[str], None]) -> None:
        self._environment, self._learn = environment, learn

    def read(self, name: str) -> str:
        """See `bot.ports.Secrets`."""
        value = self._environment.get(name) or self._from_file(name)
        if not value and not is_name(name):
            raise GaveUp("where the name of a secret was expected stands what looks like a secret itself")
        if not value:
            raise GaveUp(f"the secret {name} is not set: put it into the bot's environment, or its path as {name}_FILE")
        for form in sensitive(value):
            self._learn(form)
        return value

    def _from_file(self, name: str) -> str | None:
        path = self._environment.get(f"{name}_FILE")
        if not path:
            return None
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise GaveUp(f"the secret {name} cannot be read: {name}_FILE is {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise GaveUp(f"the secret {name} cannot be read: {name}_FILE is {path}, which is not UTF-8 text") from error


def sensitive(value: str) -> list[str]:
    """Return what must be covered of a secret: itself and, of an address, its password, which may turn up alone."""
    return [value, *_passwords_in(value)]


def _passwords_in(value: str) -> Iterator[str]:
    """Yield the password of an address; of a PostgreSQL's also what it may be where a “/” in it was not written %2F."""
    scheme, _, rest = value.partition("://")
    database = scheme.startswith("postgres")
    places = [re.split("[/?]" if database else "[/?#]", rest, maxsplit=1)[0], *([rest] if database else [])]
    for place in places:
        password = place.rpartition("@")[0].partition(":")[2]
        if password:
            yield unquote(password)
