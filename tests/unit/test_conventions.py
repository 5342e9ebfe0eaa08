"""How this project is written, held by a test: each rule says in its name what it wants, and answers with the places.

An exception is listed here with its reason, so that it is a decision and not an accident.
"""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.unit.source import CODE, EVERYWHERE, ROOT, Module, modules

BANNED_NAMES = {
    *("utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "handler", "handlers"),
    *("service", "services", "base", "core", "types", "constants"),
}
LONGEST_FUNCTION, LONGEST_MODULE = 40, 300

SIZED = ("bot", "commands", "integrations")  # a migration is as long as what it changes, and is never edited again

LONG_MODULES: dict[str, str] = {
    # path: why it is better long than cut
}
LONG_FUNCTIONS: dict[str, str] = {
    # path::function: why it is better long than cut
}
BROAD_CATCHES = 2
MOCKS = {"unittest.mock", "mock", "pytest_mock", "freezegun", "time_machine"}


def listed(places: Iterable[str]) -> str:
    """Say the places one below the other, so that a failing test is a list to work through."""
    return "\n" + "\n".join(places)


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        module.name for module in modules(*EVERYWHERE) if module.text.strip() and not ast.get_docstring(module.tree)
    ]

    assert not silent, listed(silent)


def test_no_file_is_named_after_nothing() -> None:
    vague = [module.name for module in modules(*EVERYWHERE) if {module.path.stem, *module.path.parts} & BANNED_NAMES]

    assert not vague, listed(vague)


def test_modules_fit_a_reader() -> None:
    long = [
        f"{module.name}: {module.text.count(chr(10))} lines"
        for module in modules(*SIZED)
        if module.text.count("\n") > LONGEST_MODULE and module.name not in LONG_MODULES
    ]

    assert not long, listed(long)


def test_functions_fit_a_screen() -> None:
    long = [
        f"{module.name}:{function.lineno} {function.name}: {length(function)} lines"
        for module in modules(*SIZED)
        for function in module.functions()
        if length(function) > LONGEST_FUNCTION and f"{module.name}::{function.name}" not in LONG_FUNCTIONS
    ]

    assert not long, listed(long)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_exceptions_that_are_no_longer_needed_are_struck_out() -> None:
    lengths = {module.name: module.text.count("\n") for module in modules(*SIZED)}
    functions = {f"{module.name}::{f.name}": length(f) for module in modules(*SIZED) for f in module.functions()}
    stale = [name for name in LONG_MODULES if lengths.get(name, 0) <= LONGEST_MODULE]
    stale += [name for name in LONG_FUNCTIONS if functions.get(name, 0) <= LONGEST_FUNCTION]

    assert not stale, listed(stale)


def test_imports_stand_at_the_top() -> None:
    hidden = sorted(
        {
            f"{module.name}:{node.lineno}"
            for module in modules(*EVERYWHERE)
            for function in module.functions()
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
    )

    assert not hidden, listed(hidden)


def test_at_most_two_places_catch_everything_and_say_why() -> None:
    broad = [
        f"{module.name}:{node.lineno}"
        for module in modules(*EVERYWHERE)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    ]
    unexplained = [place for place in broad if not re.search(r"except .*:\s+# .*\w{2}", line_of(place))]

    assert len(broad) <= BROAD_CATCHES, listed(broad)
    assert not unexplained, listed(unexplained)


def catches_everything(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in kinds)


BROAD = {"Exception", "BaseException"}


def line_of(place: str) -> str:
    path, _, number = place.rpartition(":")
    return (ROOT / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]


def test_nothing_is_mocked() -> None:
    mocked = [
        f"{module.name}:{node.lineno}"
        for module in modules(*EVERYWHERE)
        for node in ast.walk(module.tree)
        if imported(node) & MOCKS or replaces_an_attribute(node)
    ]

    assert not mocked, listed(mocked)


def imported(node: ast.AST) -> set[str]:
    match node:
        case ast.Import():
            return {alias.name for alias in node.names}
        case ast.ImportFrom():
            return {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
        case _:
            return set()


def replaces_an_attribute(node: ast.AST) -> bool:
    """`monkeypatch.setattr` and `setitem` put a fake in a function's place; the environment and the folder are fine."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "monkeypatch"
        and node.attr in {"setattr", "delattr", "setitem", "delitem"}
    )


def test_ignores_say_what_and_why() -> None:
    bare = re.compile(
        r"#\s*(type:\s*ignore(?!\[[\w-]+[\w, -]*\]\s+#\s*\w)|noqa(?!:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s+-\s+\w))"
    )
    unexplained = [
        f"{module.name}:{number}: {line.strip()}"
        for module in modules(*CODE)
        for number, line in enumerate(module.text.splitlines(), 1)
        if bare.search(line)
    ]

    assert not unexplained, listed(unexplained)


def test_no_path_of_one_machine_and_no_folder_outside() -> None:
    places = re.compile(r"(?<![\w.])/(work|root|Users|home/\w+)/")
    bound = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if places.search(line) and path != Path(__file__)
    ]

    assert not bound, listed(bound)


def text_files() -> list[Path]:
    """Everything written by hand."""
    kinds = {".py", ".md", ".yml", ".yaml", ".toml", ".js", ".css", ".html", ".sh", ""}
    outside = {".git", ".venv", "node_modules", ".data", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
    outside |= {".hypothesis", ".import_linter_cache", "test-results"}
    found = [
        path
        for top in ROOT.iterdir()
        if top.name not in outside
        for path in ([top] if top.is_file() else top.rglob("*"))
    ]
    return [path for path in found if path.is_file() and path.suffix in kinds and not outside & set(path.parts)]


@pytest.mark.parametrize("module", modules("commands"), ids=lambda module: module.path.stem)
def test_a_command_is_named_as_its_file(module: Module) -> None:
    if module.path.stem.startswith("_"):
        return
    named = [
        node.value.args[0].value
        for node in module.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "COMMAND"
        and isinstance(node.value, ast.Call)
        and node.value.args
        and isinstance(node.value.args[0], ast.Constant)
    ]

    assert named in ([module.path.stem.replace("_", "-")], []), f"{module.name} introduces {named}"


def test_each_test_file_is_in_a_folder_that_says_what_is_real() -> None:
    folders = {"unit", "flow", "contract", "slack", "e2e", "fakes", "bench", "chaos"}
    stray = [
        module.name
        for module in modules("tests")
        if module.path.parts[1] not in folders and module.path.name not in {"conftest.py", "check.py"}
    ]

    assert not stray, listed(stray)
