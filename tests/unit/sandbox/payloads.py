"""Good payloads to spoil: the smallest of each kind that Slack accepts."""

from typing import Any

Json = dict[str, Any]


def plain(words: str = "x") -> Json:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str = "x") -> Json:
    return {"type": "mrkdwn", "text": words}


def option(value: str = "v", words: str = "x") -> Json:
    return {"text": plain(words), "value": value}


def options(count: int) -> list[Json]:
    return [option(f"v{number}", f"x{number}") for number in range(count)]


def button(**more: object) -> Json:
    return {"type": "button", "text": plain()} | more


def element(kind: str, **more: object) -> Json:
    return {"type": kind} | more


def section(**more: object) -> Json:
    return {"type": "section", "text": mrkdwn()} | more


def accessory(kind: str, **more: object) -> Json:
    return section(accessory=element(kind, **more))


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def entry(kind: str, **more: object) -> Json:
    return {"type": "input", "label": plain(), "element": element(kind, **more)}


def rich_text(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def task_card(**more: object) -> Json:
    return {"type": "task_card", "task_id": "build", "title": "Build", "status": "in_progress"} | more


def modal(*blocks: Json, **more: object) -> Json:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks) or [section()]} | more


def home(*blocks: Json, **more: object) -> Json:
    return {"type": "home", "blocks": list(blocks) or [section()]} | more
