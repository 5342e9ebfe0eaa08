"""How an API outside is reached: its address, and the names of the secrets that it wants."""

from typing import Self

from pydantic import Field, model_validator

from bot.ports import SecretName

from .fields import Model


class Access(Model):
    """Where an API is, and how one gets in. Of secrets only the names stand here."""

    url: str = Field(pattern=r"^https?://.+$", description="its address")
    token: SecretName | None = Field(None, min_length=1, description="the name of the secret with its bearer token")
    user: str | None = Field(None, min_length=1, description="the user, where it asks for one")
    password: SecretName | None = Field(
        None, min_length=1, description="the name of the secret with the user's password"
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together; `password` is the name of a secret")
        if self.token is not None and self.user is not None:
            raise ValueError("there are two ways in; leave out either `token` or `user` and `password`")
        return self
