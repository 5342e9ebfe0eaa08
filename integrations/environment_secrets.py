"""Secrets from the bot's own environment: the variable NAME, or the file that NAME_FILE names (Docker, Kubernetes).

Files are read when they are needed, so that a secret that was rotated in its file is used from then on.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.domain.errors import GaveUp
from bot.ports.secret_names import is_name


class EnvironmentSecrets:
    """Implements `bot.ports.Secrets`; `learn` is told every value, so that it is masked wherever it turns up.

    Of an address its password is told as well: it may turn up alone.
    """

    def __init__(self, environment: Mapping[str, str], learn: Callable[[str], None]) -> None:
        self._environment, self._learn = environment, learn

    def read(self, name: str) -> str:
        """See `bot.ports.Secrets`."""
        value = self._environment.get(name) or self._from_file(name)
        if not value and not is_name(name):
            raise GaveUp("where the name of a secret was expected stands what looks like a secret itself")
        if not value:
            raise GaveUp(f"the secret {name} is not set: put it into the bot's environment, or its path as {name}_FILE")
        self._learn(value)
        password = _password_in(value)
        if password:
            self._learn(password)
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


def _password_in(value: str) -> str | None:
    try:
        password = urlsplit(value).password if "://" in value else None
    except ValueError:  # it is no address after all
        return None
    return unquote(password) if password else None
