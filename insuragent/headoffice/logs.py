"""What the server says of itself: one JSON object a line, with codes and names of devices, never a word of a record.

A line stays one line whatever stands in it, so that nobody can write a second one by what he sends. Of an error only
its kind is told: its words may hold personal data.
"""

import datetime as dt
import json
import logging
import sys

#: What a record carries of its own; whatever else it has was given with ``extra``.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """A log record as one line of JSON: moment, level, logger, message, and what was given with ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _USUAL},
        }
        if record.exc_info and record.exc_info[0]:
            told["error"] = record.exc_info[0].__name__
        return json.dumps(told, ensure_ascii=True, default=str)


def start() -> None:
    """Log to the error output."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
