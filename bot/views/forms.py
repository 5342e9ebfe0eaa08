"""The modals: deploy, rollback, reject. Every input's block and action bear the name of the value they give."""

import json
from collections.abc import Sequence
from datetime import datetime

from bot.domain.duration import spoken
from bot.domain.release import Release
from bot.domain.target import Target
from bot.domain.trigger import TRIGGERS
from bot.views.kit import Block, clip, option, plain

MOST_OPTIONS = 100
Offered = Sequence[tuple[Target, Sequence[tuple[Release, datetime]]]]


def modal(
    callback: str, title: str, submit: str, blocks: Sequence[Block], *, about: str = "", channel: str = ""
) -> Block:
    """Return a modal; `about` says what it concerns, `channel` where it was asked for: both come back with it."""
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", 24),
        "private_metadata": json.dumps({"about": about, "channel": channel}),
        "blocks": list(blocks),
    }


def deploy(environments: Sequence[str], services: Sequence[str], *, channel: str) -> Block:
    """Return the modal of a bare `/deploy`."""
    return modal(
        "deploy",
        "Deploy",
        "Deploy",
        [
            _input("environment", "Environment", _select("environment", [option(one, one) for one in environments])),
            _input(
                "services",
                "Services",
                _select("services", [option(one, one) for one in services], many=True),
                hint="Leave it empty for all that have something new.",
                optional=True,
            ),
            _input(
                "version",
                "Version, branch or commit",
                _text("version", "1.4.0", most=200),
                hint="Leave it empty for the newest.",
                optional=True,
            ),
            _input("reason", "Reason", _text("reason", "Why now?", most=1000), optional=True),
            _input(
                "mode",
                "Or only look",
                _checks("mode", [option("Show the plan and do nothing", "dry_run")]),
                optional=True,
            ),
        ],
        channel=channel,
    )


def rollback(environment: str, offered: Offered, *, to: str | None, now: datetime, channel: str) -> Block:
    """Return the modal that asks where to go back to, what is wrong, and why."""
    choices = [_choice(target, release, since, now) for target, good in offered for release, since in good]
    first = next((one for one, word in _words(offered, choices) if to is not None and to in word), choices[0])
    return modal(
        "rollback",
        f"Roll back {environment}",
        "Roll back",
        [
            _input(
                "to",
                "Back to",
                _select("to", choices[:MOST_OPTIONS], initial=first),
                hint="Releases that went well there, newest first. What is left is kept away until somebody names it.",
            ),
            _input(
                "trigger", "What is wrong", _select("trigger", [option(text, word) for word, text in TRIGGERS.items()])
            ),
            _input("reason", "Reason", _text("reason", "Logins fail since 14:05", most=1000, many=True)),
        ],
        about=environment,
        channel=channel,
    )


def _choice(target: Target, release: Release, since: datetime, now: datetime) -> Block:
    return option(
        f"{target.service} {release.version} · {spoken(now - since)} ago",
        f"{target.service} {release.id}",
        clip(release.commit.subject, 75),
    )


def _words(offered: Offered, choices: Sequence[Block]) -> list[tuple[Block, tuple[str, ...]]]:
    releases = [release for _, good in offered for release, _ in good]
    return [
        (choice, (one.version, f"v{one.version}", str(one.id), one.commit.id, one.commit.short))
        for choice, one in zip(choices, releases, strict=True)
    ]


def reject(change: int) -> Block:
    """Return the modal that asks for the reason of a no."""
    text = _text("reason", "What has to be mended first?", most=1000, many=True)
    return modal("reject", f"Reject change {change}", "Reject", [_input("reason", "Reason", text)], about=str(change))


def _input(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    block: Block = {"type": "input", "block_id": name, "label": plain(label, 2000), "element": element}
    if hint:
        block["hint"] = plain(hint, 2000)
    return block | ({"optional": True} if optional else {})


def _select(name: str, options: Sequence[Block], *, many: bool = False, initial: Block | None = None) -> Block:
    made: Block = {
        "type": "multi_static_select" if many else "static_select",
        "action_id": name,
        "options": list(options),
    }
    return made | ({"initial_option": initial} if initial else {})


def _text(name: str, placeholder: str, *, most: int, many: bool = False) -> Block:
    return {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": many,
        "max_length": most,
        "placeholder": plain(placeholder, 150),
    }


def _checks(name: str, options: Sequence[Block]) -> Block:
    return {"type": "checkboxes", "action_id": name, "options": list(options)}
