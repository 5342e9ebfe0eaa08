"""What names something else in the catalog must name something that is there, and not go round in circles.

This looks at the plain values, not at the models, so that a wrong word is found even where other things are wrong too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .nearest import as_name, did_you_mean, listed
from .positions import Document
from .problems import Place, Problem


@dataclass(frozen=True, slots=True)
class Reference:
    """Where words stand (`*` is any one part) that must be names in a section; `key` when the words are the keys."""

    where: str
    section: str
    noun: str
    key: bool = False


REFERENCES = (
    Reference("policies.*.from.*", "teams", "team"),
    Reference("services.*.after.*", "services", "service"),
    Reference("environments.*.promotes", "environments", "environment"),
    Reference("environments.*.deployers.*", "teams", "team"),
    Reference("environments.*.approval", "policies", "policy"),
    Reference("environments.*.rollback.by.*", "teams", "team"),
    Reference("environments.*.logs.by.*", "teams", "team"),
    Reference("alerts.acknowledge.by.*", "teams", "team"),
    Reference("alerts.call.*", "teams", "team"),
    Reference("alerts.escalation.lead", "teams", "team"),
    Reference("alerts.escalation.policies.*.steps.*.team", "teams", "team"),
    Reference("alerts.escalation.policies.*.steps.*.rotation", "on_call.rotations", "rotation"),
    Reference("alerts.escalation.routes.*", "alerts.routes", "route", key=True),
    Reference("on_call.kept_by.*", "teams", "team"),
    Reference("on_call.phones_to.*", "teams", "team"),
    Reference("on_call.rotations.*.fallback.team", "teams", "team"),
    Reference("on_call.rotations.*.routes.*", "alerts.routes", "route"),
    Reference("alerts.causes.targets.*.service", "services", "service"),
    Reference("alerts.causes.targets.*.environment", "environments", "environment"),
    Reference("incidents.after_rollback_in.*", "environments", "environment"),
    Reference("graphs.services.*", "services", "service", key=True),
    Reference("environments.*.targets.*", "services", "service", key=True),
)
NEEDED = ("teams", "services", "environments")


def check(document: Document) -> Iterator[Problem]:
    """Yield what names nothing, what goes round in circles, and steps that cannot be."""
    for reference in REFERENCES:
        yield from _unknown(document, reference)
    yield from _circles(document, "services", "after")
    yield from _circles(document, "environments", "promotes")
    yield from _steps(document)
    yield from _images(document)


def _select(value: object, pattern: tuple[str, ...], place: Place = ()) -> Iterator[tuple[Place, object]]:
    """Yield what is written at the places a pattern means; what has another shape is passed over."""
    if not pattern:
        yield place, value
        return
    part, rest = pattern[0], pattern[1:]
    if isinstance(value, dict):
        for key in value if part == "*" else {part} & value.keys():
            yield from _select(value[key], rest, (*place, key))
    elif isinstance(value, list) and part == "*":
        for index, item in enumerate(value):
            yield from _select(item, rest, (*place, index))


def _section(document: Document, name: str) -> Mapping[str, object]:
    section = document.value
    for part in name.split("."):
        section = section.get(part) if isinstance(section, dict) else None
    return section if isinstance(section, dict) else {}


def _unknown(document: Document, reference: Reference) -> Iterator[Problem]:
    known = _section(document, reference.section)
    if not known and reference.section in NEEDED:
        return  # that it is missing is said already, and the rest follows from it
    meant = {as_name(name) for name in known}  # that a name cannot be one is said where it is written
    for place, value in _select(document.value, tuple(reference.where.split("."))):
        word = place[-1] if reference.key else value
        if isinstance(word, str) and word not in meant | known.keys():
            near = did_you_mean(word, known)
            there = f"expected one of {listed(known)}" if known else "there are none yet"
            said = f"no {reference.noun} is called “{word}”; {there}"
            mark = document.mark(place, key=reference.key)
            yield Problem(mark, place, f"{said}{', ' + near if near else ''}")


def _circles(document: Document, section: str, key: str) -> Iterator[Problem]:
    """Yield each circle once, where its first member in the file is written."""
    links = {name: _links(entry, key) for name, entry in _section(document, section).items()}
    told: set[str] = set()
    for name in links:
        circle = _circle(name, links, (name,))
        if circle and not told & set(circle):
            told |= set(circle)
            place = (section, name, key)
            yield Problem(document.mark(place), place, f"goes round in a circle: {' → '.join(circle)}")


def _links(entry: object, key: str) -> list[str]:
    written = entry.get(key) if isinstance(entry, dict) else None
    return [word for word in (written if isinstance(written, list) else [written]) if isinstance(word, str)]


def _circle(start: str, links: Mapping[str, list[str]], walked: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the way from `start` back to itself, or None."""
    for following in links.get(walked[-1], []):
        if following == start:
            return (*walked, start)
        if following not in walked:
            found = _circle(start, links, (*walked, following))
            if found:
                return found
    return None


def _steps(document: Document) -> Iterator[Problem]:
    """Yield where steps cannot be: building what is promoted, building what has no build, or applying nothing."""
    for place, steps in _select(document.value, ("environments", "*", "targets", "*", "steps")):
        environment, service = str(place[1]), str(place[3])
        words = [_word(step) for step in steps] if isinstance(steps, list) else []
        if words and words.count("apply") != 1:
            found = "no step “apply”, so nothing would be deployed" if "apply" not in words else "“apply” twice"
            yield Problem(document.mark(place), place, f"there is {found}; expected it exactly once")
        for index in (index for index, word in enumerate(words) if word == "build"):
            reason = _no_build(document, environment, service)
            if reason:
                yield Problem(document.mark((*place, index)), (*place, index), reason)
        yield from _before_built(document, place, steps)
        yield from _nobody_to_ask(document, place, steps)


def _before_built(document: Document, place: Place, steps: object) -> Iterator[Problem]:
    """Yield the steps that need the release's artefact and come before it is made."""
    words = [_word(step) for step in steps] if isinstance(steps, list) else []
    built = words.index("build") if "build" in words else 0
    there = {where[len(place)]: where for where, said in _select(steps, ("*", "*", "where"), place) if said == "target"}
    for index in range(built):
        where = there.get(index, (*place, index))
        if index in there or words[index] == "apply":
            said = f"{words[index]} runs what is released, and that is not built before steps[{built}]"
            yield Problem(document.mark(where), where, f"{said}; put “build” first")


def _nobody_to_ask(document: Document, place: Place, steps: object) -> Iterator[Problem]:
    """Yield the steps that have conditions for Prometheus where the catalog names none."""
    environment = _section(document, "environments").get(str(place[1]))
    known = [document.value, environment]
    if any(isinstance(one, dict) and one.get("prometheus") for one in known):
        return
    for where, _ in _select(steps, ("*", "*", "conditions"), place):
        said = f"there is no Prometheus to ask; give {place[1]}, or the whole catalog, a “prometheus: {{ url: … }}”"
        yield Problem(document.mark(where, key=True), where, said)


def _images(document: Document) -> Iterator[Problem]:
    """Yield where images could never be looked at: gates are asked before anything is built."""
    for place, rule in _select(document.value, ("environments", "*", "image")):
        environment = str(place[1])
        targets = _select(document.value, ("environments", environment, "targets", "*", "steps"))
        builds = [str(at[3]) for at, steps in targets if isinstance(steps, list) and "build" in map(_word, steps)]
        if builds and isinstance(rule, dict) and (rule.get("non_root") or rule.get("limits")):
            said = (
                f"{environment} builds {listed(builds)}, and an image is looked at before that; "
                "ask for it in an environment that promotes"
            )
            yield Problem(document.mark(place, key=True), place, said)


def _no_build(document: Document, environment: str, service: str) -> str | None:
    """Return why a target can have no step `build`, or None when it can."""
    here, what = (_section(document, section) for section in ("environments", "services"))
    from_ = _links(here.get(environment), "promotes")
    if from_:
        return f"{environment} promotes what was good in {from_[0]} and never builds; leave out the step “build”"
    built = what.get(service)
    if isinstance(built, dict) and "build" not in built:
        return f"{service} does not say how it is built; give it a “build”, or leave out this step"
    return None


def _word(step: object) -> str | None:
    if isinstance(step, dict):
        return next(iter(step), None)
    return step if isinstance(step, str) else None
