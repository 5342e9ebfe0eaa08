"""`migrate`: bring a database to the release's version; a `command` under its own name."""

from dataclasses import replace

from bot.steps.command import STEP as COMMAND

STEP = replace(COMMAND, name="migrate")
