"""Documents from templates: Jinja2 makes Markdown of a template and values, and Markdown becomes parts to be shown.

A template is written by whoever keeps the catalog, and may be wrong, or run in circles. So it is filled in by a process
of its own, which has no secrets, a second or two of time and little memory, and is ended when it takes more. What it
has to say is checked there, and comes back as values; see `_program.py`.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.catalog.incidents import Incidents
from bot.domain.errors import Retry
from bot.domain.report import Question
from bot.writing.sample import SAMPLE

_PROGRAM = Path(__file__).with_name("_program.py")
WALL = 20.0  # seconds; the process itself has two of the processor's, and the machine may be busy
Part = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Template:
    """A template's text, and what its file is called when something is wrong with it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template: its file, the line where that is known, and why."""

    file: str
    words: str
    line: int | None = None

    def __str__(self) -> str:
        """Say it as editors find it: `file:line: words`."""
        return f"{self.file}{f':{self.line}' if self.line else ''}: {self.words}"


@dataclass(frozen=True, slots=True)
class Written:
    """A document: as Markdown, as parts to be shown, and the questions that it leaves open for people."""

    markdown: str
    parts: Sequence[Part] = field(default_factory=tuple)
    questions: Sequence[Question] = field(default_factory=tuple)


async def fill_in(template: Template, values: Mapping[str, object], answers: Mapping[str, object]) -> Written | Fault:
    """Fill a template in with values (plain JSON) and with people's answers, by question; say what is wrong with it.

    `Retry` when the machine cannot do it now.
    """
    asked = json.dumps({"name": template.name, "text": template.text, "values": values, "answers": answers})
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-X", "utf8", str(_PROGRAM)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={},
    )
    try:
        async with asyncio.timeout(WALL):
            said, wrong = await process.communicate(asked.encode())
    except TimeoutError:
        raise Retry(f"{template.name} was not filled in within {WALL:g} s: the machine is busy") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return _read(template, process.returncode or 0, said, wrong)


def _read(template: Template, code: int, said: bytes, wrong: bytes) -> Written | Fault:
    if code < 0:
        return Fault(template.name, "it takes longer than two seconds to fill in; is there a loop without an end?")
    if code:
        last = wrong.decode(errors="replace").strip().rpartition("\n")[2]
        return Fault(template.name, f"it cannot be filled in: {last[:300]}")
    told = json.loads(said)
    if "fault" in told:
        return Fault(template.name, str(told["fault"]), told["line"])
    questions = [Question(one["key"], one["label"], one["hint"]) for one in told["questions"]]
    return Written(told["markdown"], told["parts"], questions)


def own(incidents: Incidents, name: str) -> Template | Fault | None:
    """Return an organisation's own template, or why its file cannot be read; None where it has none."""
    path, named = incidents.file(name), incidents.templates.get(name)
    if path is None or named is None:
        return None
    try:
        return Template(named, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Fault(named, "there is no such file; paths begin in the folder of the catalog")
    except UnicodeDecodeError as error:
        return Fault(named, f"this is not UTF-8 text, at byte {error.start}")
    except OSError as error:
        return Fault(named, f"it cannot be read: {error.strerror}")


async def faults(incidents: Incidents) -> list[Fault]:
    """Return what is wrong with an organisation's own templates, by filling each in with an invented incident."""
    found = []
    for name in incidents.templates:
        template = own(incidents, name)
        made = await fill_in(template, SAMPLE, {}) if isinstance(template, Template) else template
        found += [made] if isinstance(made, Fault) else []
    return found
