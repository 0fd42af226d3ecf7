"""Log lines as JSON objects: one a line, for machines to collect, without personal data.

What is logged is written by us: names of functions, counts, routes. Values that came in are not.
"""

import logging
from datetime import UTC, datetime

import msgspec


class JsonLines(logging.Formatter):
    """`at`, `process`, `level`, `logger`, `text`, and `error` where there was one."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "process": self._process,
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def begin_log(process: str, form: str) -> None:
    """Log to standard error, as `text` or as `json`."""
    handler = logging.StreamHandler()
    if form == "json":
        handler.setFormatter(JsonLines(process))
    else:
        handler.setFormatter(logging.Formatter(f"%(asctime)s {process} %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
