"""What cannot be done with a file, and the change that somebody else made meanwhile."""

from typing import Literal

Code = Literal[
    "unknown",  # there is no such file or request
    "there-is-one",  # the resident has a file already
    "state",  # it is closed, or open, or answered already
    "changed",  # somebody else changed it meanwhile
    "value",  # a value that its item cannot have; `item` says which
    "fixed",  # an item that only its source can change
    "reason",  # words are missing, or too long
    "institution",  # no institution that keeps files
    "date",  # a day in the future, or before the file was opened
    "no-data",  # the resident has no data that a file could hang on
]


class FileRefused(Exception):  # noqa: N818 - reads as what happened
    """It can't be done like this; nothing was changed. `item` names a field of the form."""

    def __init__(self, code: Code, item: str = "") -> None:
        super().__init__(code)
        self.code, self.item = code, item
