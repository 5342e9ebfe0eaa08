"""The log is JSON, line by line, whoever writes it."""

import json
import subprocess
import sys

PROGRAM = """
import logging, warnings, structlog
from bot.lines import logs_to_stderr
logs_to_stderr()
structlog.get_logger("bot").info("ours", change=4)
logging.getLogger("asyncio").warning("took %s s", 3)
warnings.warn("it is old")
try:
    raise ValueError("two\\nlines")
except ValueError:
    logging.getLogger("library").exception("it broke")
bolt = logging.getLogger("slack_bolt.AsyncApp")
bolt.setLevel(logging.WARNING)
bolt.warning("it is known already")
logging.getLogger("library").info("too quiet to be heard")
"""


def test_libraries_and_warnings_are_lines_like_ours() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]

    assert [line["event"].partition("\n")[0] for line in lines][:2] == ["ours", "took 3 s"]
    assert "it is old" in lines[2]["event"]
    assert (lines[3]["event"], lines[3]["logger"]) == ("it broke", "library")
    assert "ValueError: two" in lines[3]["exception"]
    assert len(lines) == 4
    assert all({"level", "timestamp"} <= line.keys() for line in lines)
