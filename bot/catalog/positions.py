"""YAML read into plain values, with the line and column of every key and every value kept beside them.

The document is composed into ruamel's nodes and read from there, rather than loaded: so one reading finds every
duplicate key and every unknown variable, not only the first, and a value that was filled in from a variable still
knows where it was written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .nearest import did_you_mean, listed
from .problems import Mark, Place, Problem

_VARIABLE = re.compile(r"\$(?:\$|\{([^}]*)\})")
_HALF = re.compile("[\ud800-\udfff]")  # YAML lets them be written as an escape
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null")}
_TEXT = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "timestamp", "value")}
_MERGE = "tag:yaml.org,2002:merge"


@dataclass
class Document:
    """A YAML text as plain values. `values` and `keys` say where each is; `problems` what could not be read."""

    value: object = None
    values: dict[Place, Mark] = field(default_factory=dict)
    keys: dict[Place, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def mark(self, place: Place, *, key: bool = False) -> Mark:
        """Return where a value (or its key) is written; of what is not written at all, where its parent is."""
        if key and place in self.keys:
            return self.keys[place]
        while place and place not in self.values:
            place = place[:-1]
            if place in self.keys:
                return self.keys[place]
        return self.values.get(place, Mark(1, 1))


def read(text: str, variables: Mapping[str, str]) -> Document:
    """Read a YAML text; `${NAME}` in a text value stands for a variable, `$$` for a dollar."""
    document = Document()
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        document.problems.append(_syntax(error))
    except YAMLError as error:  # a character that YAML does not allow; it has no mark of its own
        document.problems.append(Problem(Mark(1, 1), (), f"this is not YAML: {' '.join(str(error).split())}"))
    else:
        if node is not None:
            document.value = _Reader(yaml, variables, document).read(node, (), ())
    return document


def _syntax(error: MarkedYAMLError) -> Problem:
    said = ", ".join(part for part in (error.problem, error.context) if part)
    return Problem(_mark(error.problem_mark or error.context_mark), (), f"this is not YAML: {said}")


def _mark(mark: StreamMark | None) -> Mark:
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


@dataclass
class _Reader:
    """Walks the nodes; `above` holds the ids of the nodes around one, so that an alias to itself is found."""

    yaml: YAML
    variables: Mapping[str, str]
    document: Document

    def read(self, node: Node, place: Place, above: tuple[int, ...]) -> object:
        self.document.values[place] = _mark(node.start_mark)
        if id(node) in above:
            self._wrong(node, place, "this refers to itself")
            return None
        match node:
            case MappingNode():
                return self._mapping(node, place, (*above, id(node)))
            case SequenceNode():
                within = (*above, id(node))
                return [self.read(item, (*place, index), within) for index, item in enumerate(node.value)]
            case _:
                return self._scalar(node, place)

    def _mapping(self, node: MappingNode, place: Place, above: tuple[int, ...]) -> dict[str, object]:
        found: dict[str, object] = {}
        merged: list[Node] = []
        for key, value in node.value:
            if key.tag == _MERGE:
                merged += value.value if isinstance(value, SequenceNode) else [value]
                continue
            name = key.value if isinstance(key, ScalarNode) else "?"
            where = (*place, name)
            if name in found:
                first = self.document.keys[where]
                self._wrong(key, where, f"“{name}” is written twice; the first is in line {first.line}")
                continue
            self.document.keys[where] = _mark(key.start_mark)
            found[name] = self.read(value, where, above)
            if found[name] is None and not value.value:  # it has no place of its own: YAML says that of what comes next
                self.document.values[where] = _mark(key.end_mark)
        for other in merged:
            self._merge(other, place, above, found)
        return found

    def _merge(self, node: Node, place: Place, above: tuple[int, ...], into: dict[str, object]) -> None:
        """Take over (`<<: *other`) what is not written here itself."""
        if not isinstance(node, MappingNode) or id(node) in above:
            self._wrong(node, place, "<< takes over another mapping, and this is none")
            return
        for key, value in node.value:
            if key.value not in into:
                self.document.keys[*place, key.value] = _mark(key.start_mark)
                into[key.value] = self.read(value, (*place, key.value), (*above, id(node)))

    def _scalar(self, node: Node, place: Place) -> object:
        if _HALF.search(node.value):
            self._wrong(node, place, "this holds half a character, which stands for nothing")
            return None
        if node.tag in _TEXT:
            return _VARIABLE.sub(lambda found: self._variable(found, node, place), node.value)
        if node.tag in _PLAIN:
            return self._plain(node, place)
        self._wrong(node, place, f"the tag {node.tag} means nothing here")
        return None

    def _plain(self, node: Node, place: Place) -> object:
        try:
            value: object = self.yaml.constructor.construct_object(node)
        except ValueError:  # Python reads no number of thousands of digits
            self._wrong(node, place, "this number is too long")
            return None
        return value

    def _variable(self, found: re.Match[str], node: Node, place: Place) -> str:
        name = found.group(1)
        if name is None:
            return "$"
        if name not in self.variables:
            near = did_you_mean(name, self.variables)
            known = f"there are {listed(self.variables)}"
            self._wrong(node, place, f"no variable is called “{name}”; {known}{', ' + near if near else ''}")
        return self.variables.get(name, "")

    def _wrong(self, node: Node, place: Place, text: str) -> None:
        self.document.problems.append(Problem(_mark(node.start_mark), place, text))
