"""The modals: deploy, rollback, reject. Every input's block and action bear the name of the value they give."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.crossing import way_out, what_ran
from bot.domain.duration import spoken
from bot.domain.release import Release
from bot.domain.standing import Offer
from bot.domain.trigger import TRIGGERS
from bot.views import inputs
from bot.views.kit import Block, clip, code, context, literal, option, outside, plain

MOST_OPTIONS = 100
FEW_VERSIONS = 5
CROSSES = "across"  # the word of a choice that goes back across an irreversible migration
UNTICKED = "That crosses an irreversible migration (see above). Choose another, or tick the box below."


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
            inputs.row(
                "environment", "Environment", inputs.select("environment", [option(one, one) for one in environments])
            ),
            inputs.row(
                "services",
                "Services",
                inputs.select("services", [option(one, one) for one in services], many=True),
                hint="Leave it empty for all that have something new.",
                optional=True,
            ),
            inputs.row(
                "version",
                "Version, branch or commit",
                inputs.text("version", "1.4.0", most=200),
                hint="Leave it empty for the newest.",
                optional=True,
            ),
            inputs.row("reason", "Reason", inputs.text("reason", "Why now?", most=1000), optional=True),
            inputs.row(
                "mode",
                "Or only look",
                inputs.checks("mode", [option("Show the plan and do nothing", "dry_run")]),
                optional=True,
            ),
        ],
        channel=channel,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody has said already of what is wrong, and of what is in the way: the window begins with it."""

    trigger: str = ""
    reason: str = ""
    across: bool = False


def rollback(
    environment: str,
    offered: Sequence[Offer],
    *,
    to: Release | None,
    now: datetime,
    channel: str,
    said: Said | None = None,
) -> Block:
    """Return the modal that asks where to go back to, what is wrong, and why; it says what is to be left.

    Where several services could be meant none is chosen to begin with: the first is not the broken one by nature.
    """
    choices = [(release, _choice(one, release, since, now)) for one in offered for release, since in one.good]
    only = choices[0][1] if sum(bool(one.good) for one in offered) == 1 else None
    first = next((choice for release, choice in choices if to is not None and release.id == to.id), only)
    shown = _shown([choice for _, choice in choices], first)
    return modal(
        "rollback",
        f"Roll back {environment}",
        "Roll back",
        [
            context("\n".join(_leaves(one) for one in offered if one.good)),
            *(block for one in offered for block in _in_the_way(one)),
            inputs.row(
                "to",
                "Back to",
                inputs.select("to", shown, initial=first),
                hint="Newest first, all went well there. The release you leave is held off until somebody names it.",
            ),
            *(_across(said) if any(one.across for one in offered) else []),
            *_what_is_wrong(said or Said()),
        ],
        about=environment,
        channel=channel,
    )


def _shown(choices: Sequence[Block], first: Block | None) -> list[Block]:
    """Return as many choices as a window holds, the one that it begins with among them."""
    shown = list(choices[:MOST_OPTIONS])
    return shown if first is None or first in shown else [*shown[:-1], first]


def _in_the_way(one: Offer) -> list[Block]:
    """Say which of the choices lie beyond an irreversible migration, and how the data from before it comes back."""
    beyond = [(release.version, one.across[release.id]) for release, _ in one.good if release.id in one.across]
    if not beyond:
        return []
    versions, crossed = ", ".join(version for version, _ in beyond[:FEW_VERSIONS]), beyond[0][1]
    more = f" and {len(beyond) - FEW_VERSIONS} more" if len(beyond) > FEW_VERSIONS else ""
    return [
        literal(
            f"⚠️ {one.target.service}: {versions}{more} would cross a migration. {what_ran(crossed)}\n{way_out(crossed)}"
        )
    ]


def _across(said: Said | None) -> list[Block]:
    box = option("Go back across the migration, on the data as it is", CROSSES)
    ticked = {"initial_options": [box]} if said is not None and said.across else {}
    return [inputs.row("across", "The migration", inputs.checks("across", [box]) | ticked, optional=True)]


def _what_is_wrong(said: Said) -> list[Block]:
    triggers = {word: option(text, word) for word, text in TRIGGERS.items()}
    reason = inputs.text("reason", "Logins fail since 14:05", most=1000, many=True, initial=said.reason)
    return [
        inputs.row(
            "trigger",
            "What is wrong",
            inputs.select("trigger", [*triggers.values()], initial=triggers.get(said.trigger)),
        ),
        inputs.row("reason", "Reason", reason),
    ]


def _leaves(one: Offer) -> str:
    service, version = outside(one.target.service), code(one.release.version) if one.release else "nothing"
    return f"{service}: whether {version} runs is unknown" if one.left.unknown else f"{service} runs {version}"


def _choice(one: Offer, release: Release, since: datetime, now: datetime) -> Block:
    """Return a choice; it carries what was seen when the window was opened, for the world may move while it is open."""
    crosses = release.id in one.across
    return option(
        f"{'⚠️ ' if crosses else ''}{one.target.service} {release.version} · {spoken(now - since)} ago",
        f"{one.target.service} #{release.id} {one.left.written}{f' {CROSSES}' if crosses else ''}",
        clip(release.commit.subject, 75),
    )


def reject(change: int) -> Block:
    """Return the modal that asks for the reason of a no."""
    text = inputs.text("reason", "What has to be mended first?", most=1000, many=True)
    return modal(
        "reject", f"Reject change {change}", "Reject", [inputs.row("reason", "Reason", text)], about=str(change)
    )
