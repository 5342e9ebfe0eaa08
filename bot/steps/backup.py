"""`backup`: keep a copy before anything moves; a `command` that still can be cancelled after."""

from dataclasses import replace

from bot.steps.command import STEP as COMMAND

STEP = replace(COMMAND, name="backup", turns_target=False)
