"""What scanners found in a commit: SARIF that was uploaded to GitHub's code scanning, judged by its worst finding.

The analysis of the very commit is read, not the alerts of its branch: what a later commit has mended is open here.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from bot.domain.check import Check, Conclusion
from bot.domain.errors import GaveUp
from integrations._github.client import Client
from integrations._github.shapes import Alert, Analysis
from integrations._github.words import Missing

SEVERITIES = ("low", "medium", "high", "critical")
_SCORES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))  # as GitHub reads security-severity
_LEVELS = {"error": "high", "warning": "medium", "note": "low"}  # of a rule that has no security-severity
_WORST = 10.0
_MOST_READ = 10_000_000  # bytes of one analysis

Json = Mapping[str, object]


async def scans(client: Client, commit: str, fails_at: str) -> list[Check]:
    """Return the verdict of each scanner that has looked at the commit; several looks of one count as its worst."""
    path = "/code-scanning/analyses?sort=created&direction=desc"
    try:
        listed = await client.pages(Analysis, path, "analyses", sought=lambda one: one.commit_sha == commit)
    except Missing:
        return []
    newest: dict[tuple[str, str], Analysis] = {}
    for one in sorted((one for one in listed if one.commit_sha == commit), key=lambda one: one.created_at):
        newest[one.tool.name, one.category or ""] = one
    found = [await _verdict(client, one, fails_at) for one in newest.values()]
    return [
        _worst([check for check in found if check.name == name]) for name in dict.fromkeys(one.name for one in found)
    ]


def _worst(checks: Sequence[Check]) -> Check:
    order = (Conclusion.FAILED, Conclusion.NONE, Conclusion.PENDING, Conclusion.PASSED)
    return min(checks, key=lambda check: order.index(check.conclusion))


async def _verdict(client: Client, one: Analysis, fails_at: str) -> Check:
    name = f"code-scanning/{one.tool.name}"
    if one.error:
        return Check(name, Conclusion.NONE, one.error)
    if not one.results_count:
        return Check(name, Conclusion.PASSED, "it found nothing")
    try:
        document = json.loads(await _sarif(client, one))
    except (GaveUp, ValueError) as no:
        return Check(name, Conclusion.NONE, f"its {one.results_count} findings cannot be read: {no}")
    path = f"/code-scanning/alerts?state=dismissed&tool_name={quote(one.tool.name, safe='')}"
    dismissed = {alert.number for alert in await client.pages(Alert, path, "dismissed alerts")}
    return judged(name, list(severities(document, dismissed)), fails_at)


async def _sarif(client: Client, one: Analysis) -> bytes:
    read, about = bytearray(), f"analysis {one.id}"
    async with client.stream(f"/code-scanning/analyses/{one.id}", about, accept="application/sarif+json") as pieces:
        async for piece in pieces:
            read += piece
            if len(read) > _MOST_READ:
                raise GaveUp(f"{about} has more than {_MOST_READ // 1_000_000} MB")
    return bytes(read)


def judged(name: str, found: Sequence[str], fails_at: str) -> Check:
    """Judge by the worst severity; the words count all of them."""
    counted = [f"{found.count(severity)} {severity}" for severity in reversed(SEVERITIES) if severity in found]
    words = f"open findings: {', '.join(counted)}" if counted else "every finding was dismissed"
    bad = any(SEVERITIES.index(severity) >= SEVERITIES.index(fails_at) for severity in found)
    return Check(name, Conclusion.FAILED if bad else Conclusion.PASSED, words)


def severities(document: Json, dismissed: set[int]) -> Iterator[str]:
    """Yield the severity of every finding that nobody has dismissed or suppressed."""
    for run in _objects(document.get("runs")):
        rules = _rules(run)
        for result in _objects(run.get("results")):
            number = _object(result.get("properties")).get("github/alertNumber")
            if number in dismissed or result.get("suppressions"):
                continue
            rule = rules.get(str(result.get("ruleId") or _object(result.get("rule")).get("id")), {})
            severity = _severity(result, rule)
            if severity is not None:
                yield severity


def _severity(result: Json, rule: Json) -> str | None:
    """Return a finding's severity by its rule's score, or else by its level. What cannot be read is the worst."""
    score = _object(rule.get("properties")).get("security-severity")
    if score is not None:
        return next((severity for least, severity in _SCORES if _number(score) >= least), None)
    level = result.get("level") or _object(rule.get("defaultConfiguration")).get("level") or "warning"
    return None if level == "none" else _LEVELS.get(str(level), "critical")


def _number(score: object) -> float:
    try:
        number = float(str(score))
    except ValueError:
        return _WORST
    return _WORST if math.isnan(number) else number


def _rules(run: Json) -> dict[str, Json]:
    tool = _object(run.get("tool"))
    parts = [_object(tool.get("driver")), *_objects(tool.get("extensions"))]
    return {str(rule.get("id")): rule for part in parts for rule in _objects(part.get("rules"))}


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
