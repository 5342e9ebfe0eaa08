"""Server-side apply, as https://kubernetes.io/docs/reference/using-api/server-side-apply/ describes it: pure.

Every field that is applied or changed has its managers; who applies another value than another manager's gets a
conflict, unless they force it, and what a manager applied before and now leaves out is removed.
"""

import copy
import json
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Path = tuple[str, ...]

_NOT_MANAGED = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}
_NOT_MANAGED |= {("metadata", "resourceVersion"), ("metadata", "managedFields"), ("metadata", "generation")}


@dataclass(frozen=True)
class Conflict:
    manager: str
    path: Path

    @property
    def cause(self) -> Json:
        return {
            "reason": "FieldManagerConflict",
            "message": f'conflict with "{self.manager}" using apps/v1',
            "field": _spoken(self.path),
        }


def applied(live: Json, body: Json, manager: str, at: str, *, force: bool) -> tuple[Json, list[Conflict]]:
    """Return the thing as it is after an apply, or the conflicts that keep it from being applied."""
    new, wanted = copy.deepcopy(live), leaves(body)
    entries = _entries(live)
    conflicts = [
        Conflict(other, path)
        for (other, operation), held in entries.items()
        for path, value in wanted.items()
        if (other, operation) != (manager, "Apply") and path in held and _at(live, path) != value
    ]
    if conflicts and not force:
        return live, conflicts
    for conflict in conflicts:
        for (other, _), theirs in entries.items():
            if other == conflict.manager:
                theirs.discard(conflict.path)
    others = [held for owner, held in entries.items() if owner != (manager, "Apply")]
    for left_out in entries.get((manager, "Apply"), set()) - wanted.keys():
        if not any(left_out in held for held in others):
            _unset(new, left_out)
    for path, value in wanted.items():
        _set(new, path, value)
    entries[manager, "Apply"] = set(wanted)
    _write(new, live, entries, {(manager, "Apply")}, at)
    return new, []


def edited(live: Json, after: Json, manager: str, at: str) -> Json:
    """Return the thing as somebody changed it with an ordinary update: what they change becomes theirs."""
    new, entries = copy.deepcopy(after), _entries(live)
    changed = {path for path, value in leaves(after).items() if _at(live, path) != value}
    for paths in entries.values():
        paths.difference_update(changed)
    entries.setdefault((manager, "Update"), set()).update(changed)
    _write(new, live, entries, {(manager, "Update")}, at)
    return new


def leaves(value: object, path: Path = ()) -> dict[Path, object]:
    """Return every field with its value. Lists of things with names are keyed by name; other lists are one field."""
    if path in _NOT_MANAGED or path[:1] == ("status",):
        return {}
    found: dict[Path, object] = {}
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            found |= leaves(inner, (*path, name))
        return found
    if isinstance(value, list) and value and all(isinstance(one, dict) and "name" in one for one in value):
        for inner in value:
            found |= leaves(inner, (*path, _key(inner["name"])))
        return found
    return {path: value}


def _key(name: str) -> str:
    return f"k:{json.dumps({'name': name}, separators=(',', ':'))}"


def _named(word: str) -> str | None:
    return str(json.loads(word[2:])["name"]) if word.startswith("k:") else None


def _at(thing: object, path: Path) -> object:
    for word in path:
        name = _named(word)
        if name is not None and isinstance(thing, list):
            thing = next((one for one in thing if one.get("name") == name), None)
        elif isinstance(thing, dict):
            thing = thing.get(word)
        else:
            return None
    return thing


def _set(thing: Any, path: Path, value: object) -> None:  # noqa: ANN401 - a thing's part is a dict or a list
    for word, after in zip(path, [*path[1:], ""], strict=True):
        name = _named(word)
        if name is not None:
            found = next((one for one in thing if one.get("name") == name), None)
            if found is None:
                thing.append(found := {"name": name})
            thing = found
        elif not after:
            thing[word] = value
        else:
            thing = thing.setdefault(word, [] if after.startswith("k:") else {})


def _unset(thing: Json, path: Path) -> None:
    parent = _at(thing, path[:-1])
    if isinstance(parent, dict):
        parent.pop(path[-1], None)


def _entries(thing: Json) -> dict[tuple[str, str], set[Path]]:
    entries = thing["metadata"].get("managedFields") or []
    return {(one["manager"], one["operation"]): set(_paths(one["fieldsV1"])) for one in entries}


def _paths(fields: Json, path: Path = ()) -> list[Path]:
    if not fields:
        return [path]
    return [found for word, inner in fields.items() for found in _paths(inner, (*path, word.removeprefix("f:")))]


def _fields(paths: set[Path]) -> Json:
    fields: Json = {}
    for path in sorted(paths):
        inside = fields
        for word in path:
            inside = inside.setdefault(word if word.startswith("k:") else f"f:{word}", {})
    return fields


def _write(
    new: Json, live: Json, entries: dict[tuple[str, str], set[Path]], now: set[tuple[str, str]], at: str
) -> None:
    times = {(one["manager"], one["operation"]): one["time"] for one in live["metadata"].get("managedFields") or []}
    new["metadata"]["managedFields"] = [
        {
            "manager": manager,
            "operation": operation,
            "apiVersion": "apps/v1",
            "time": at if (manager, operation) in now else times[manager, operation],
            "fieldsType": "FieldsV1",
            "fieldsV1": _fields(paths),
        }
        for (manager, operation), paths in entries.items()
        if paths
    ]


def _spoken(path: Path) -> str:
    """Return a field as a conflict names it: ``.spec.template.spec.containers[name="web"].image``."""
    return "".join(f'[name="{name}"]' if (name := _named(word)) else f".{word}" for word in path)
