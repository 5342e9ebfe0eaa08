"""All words, buttons and forms that the folder commands/ introduces, and the way from a text to the right one."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from bot.catalog import nearest
from bot.command import Answer, Button, Command, Context, Form, Hearing
from bot.domain.errors import Refused
from bot.plugins import modules
from bot.views import help as help_view
from bot.views.help import Line
from bot.views.kit import Message
from bot.words import hint, parse

UMBRELLA = "slipway"
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Vocabulary:
    """What people can say, by the word, the button's action, and the form's callback."""

    commands: dict[str, Command]
    buttons: dict[str, Button]
    forms: dict[str, Form]
    heard: tuple[Hearing, ...] = ()

    @classmethod
    @cache
    def found(cls) -> "Vocabulary":
        """Walk the folder, once."""
        found = list(modules("commands"))
        commands = [module.COMMAND for module in found if hasattr(module, "COMMAND")]
        buttons = [one for module in found for one in getattr(module, "BUTTONS", [])]
        forms = [one for module in found for one in getattr(module, "FORMS", [])]
        return cls(
            _unique("command", ((one.name, one) for one in commands)),
            _unique("button", ((one.action, one) for one in buttons)),
            _unique("form", ((one.callback, one) for one in forms)),
            tuple(one for module in found for one in getattr(module, "HEARD", [])),
        )

    async def say(self, word: str, text: str, ctx: Context) -> Answer:
        """Do what somebody typed after a slash; `Refused` says what is wrong with it."""
        if word == UMBRELLA:
            word, _, text = text.strip().partition(" ")
            if not word or word.lower() == "help":
                return self.help()
        command = self.commands.get(word.lower())
        if command is None or command.name == UMBRELLA:
            raise Refused(self._unknown(word))
        if text.strip().lower() in {"help", "--help", "-h"}:
            return help_view.one(_line(command))
        if not text.strip() and command.blank is not None:
            return await command.blank(ctx)
        return await command.run(parse(text, command.args, command=command.name), ctx)

    def _unknown(self, word: str) -> str:
        close = nearest(word, self.commands)
        return f"I do not know “{word}”. " + (
            f"Did you mean `/{close}`?" if close else "`/slipway help` lists my words."
        )

    def help(self) -> Message:
        """Return the help."""
        return help_view.page(self.lines())

    def lines(self) -> list[Line]:
        """Return every command as the help shows it."""
        return [_line(command) for command in self.commands.values() if command.name != UMBRELLA]


def _line(command: Command) -> Line:
    return Line(command.name, hint(command.args), command.summary, command.examples, command.mentions)


def _unique(kind: str, pairs: Iterable[tuple[str, Thing]]) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    for name, thing in pairs:
        if name in found:
            raise ValueError(f"two files introduce the {kind} “{name}”")
        found[name] = thing
    return found
