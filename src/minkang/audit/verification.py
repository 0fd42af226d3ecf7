"""What a verification of the log says."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

FAULT_LIMIT = 1_000  # faults kept; further ones are counted

FaultKind = Literal[
    "changed",  # the row isn't what was written at this place: altered, inserted or moved
    "removed",  # rows inside a chain are missing
    "duplicated",  # a place is taken twice
    "cut",  # the end of a chain is missing
    "missing",  # a whole chain is missing
    "checkpoint",  # a checkpoint in the database was altered or removed
    "signature",  # a checkpoint or an archive is not signed, or not by a known key
    "archive",  # an archived part of the log was altered or is missing
    "index",  # an entry can't be found by a resident it names, or by one it doesn't name
    "file",  # the witness outside the database was altered or removed
]


class Fault(msgspec.Struct, frozen=True):
    """One place where the log isn't what was written.

    Attributes:
        writer: the chain; None if it concerns checkpoints.
        seq: the entry's number in the chain, or the checkpoint's number; the first if several.
        at: the time that the row there bears, or of the last one before what is missing, if known.
    """

    writer: UUID | None
    seq: int
    kind: FaultKind
    text: str
    at: datetime | None = None


class Cut(msgspec.Struct, frozen=True):
    """A restore or a takeover by a standby, as the log itself tells it.

    What was written after `until` and before `at` stood in a log that is gone: no fault of this
    one, and not to be found in it.

    Attributes:
        action: `restore` or `promote`.
        until: the last moment whose entries are here; None if that is not known.
        checkpoints: numbers of those known to be lost, from the outer part of the lost log.
        entries: how many entries are known to be lost; None if nothing is known of it.
    """

    at: datetime
    action: str
    until: str | None
    checkpoints: tuple[int, int] | None
    entries: int | None


class Verification(msgspec.Struct, frozen=True):
    """The outcome: how much was looked at, and what was found.

    Attributes:
        faults: at most FAULT_LIMIT of them.
        further: how many faults there are beyond those.
        cuts: restores and takeovers, oldest first.
        archives: how many archives there are; their entries count among `entries`.
    """

    entries: int
    writers: int
    checkpoints: int
    faults: tuple[Fault, ...]
    further: int = 0
    cuts: tuple[Cut, ...] = ()
    archives: int = 0

    @property
    def intact(self) -> bool:
        """True if nothing was found."""
        return not self.faults


class Findings:
    """Faults as they are found, with a bound."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.further = 0

    def add(self, writer: UUID | None, seq: int, kind: FaultKind, text: str) -> None:
        """Keep or count one fault."""
        if len(self.faults) < FAULT_LIMIT:
            self.faults.append(Fault(writer, seq, kind, text))
        else:
            self.further += 1

    def take(self, others: "Findings") -> None:
        """Take in what was found elsewhere."""
        for fault in others.faults:
            self.add(fault.writer, fault.seq, fault.kind, fault.text)
        self.further += others.further
