"""The log: one JSON object for each line on standard error, whoever writes it, so that a machine can read all of it."""

import logging
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import Processor

_ALIKE: Sequence[Processor] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
)
_WRITTEN: Sequence[Processor] = (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())


def logs_to_stderr() -> None:
    """Log as JSON lines; libraries speak only when something is wrong, and in the same way."""
    structlog.configure(
        processors=[*_ALIKE, *_WRITTEN],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    named: Sequence[Processor] = (structlog.stdlib.add_logger_name, *_ALIKE)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=named, processors=[remove, *_WRITTEN]))
    handler.addFilter(_is_news)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(capture=True)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether it is worth a line: Bolt's loggers, which set their own level, warn of how we give it our token."""
    return record.levelno >= logging.ERROR or not record.name.startswith("slack_bolt")
