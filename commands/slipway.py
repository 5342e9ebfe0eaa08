"""`/slipway <word> …`: every word in one, for workspaces where a name is taken; `/slipway help` lists them."""

from pydantic import BaseModel, ConfigDict

from bot.command import Answer, Command, Context
from bot.vocabulary import Vocabulary


class Args(BaseModel):
    """A word and its arguments."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[str, ...] = ()


async def run(_args: Args, _ctx: Context) -> Answer:
    """Show the help: a word that is known never comes this far, `Vocabulary.say` has passed it on."""
    return Vocabulary.found().help()


COMMAND = Command("slipway", "Every word in one: /slipway help lists them", Args, run, examples=("slipway help",))
