"""The names of secrets, as catalogs and people write them: what is not one must not be repeated to anybody.

Whoever writes a secret itself where its name belongs is told so, and not with it in the sentence. A field of an
adapter's or a step's model that holds such a name is a `SecretName`, or, where its model checks it in words of its own,
marked by `NamesSecret`: so all that are named are found, and masked from the bot's start on.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from bot.domain.secret_shapes import covered

_NAME = re.compile(r"[^\s:/@=]{1,80}")


@dataclass(frozen=True, slots=True)
class NamesSecret:
    """Marks what names a secret in the catalog: all that are named are masked from the bot's start on.

    `otherwise` is the secret that is meant where nothing is named.
    """

    otherwise: str | None = None


def is_name(written: str) -> bool:
    """Whether this may be the name of a secret; what looks like a value is none."""
    return bool(_NAME.fullmatch(written)) and covered(written) == written


def _checked(written: str) -> str:
    if not is_name(written):
        raise ValueError(
            "this looks like a secret itself, and its name was expected, such as BACKUP_KEY: the value goes into the "
            "bot's environment under that name"
        )
    return written


SecretName = Annotated[str, AfterValidator(_checked), NamesSecret()]
"""The name of a secret, in the models of sections and of steps' options."""
