"""Acknowledgements: MSH, MSA, and an ERR for every problem.

HL7 v2.5.1: 2.9.2 original mode, 2.9.3 enhanced mode, 2.14.2, 2.14.5, 2.14.8; 2.15.1 for batches.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from minkang.exchange.hl7v2.message import Segment
from minkang.exchange.hl7v2.writer import Writer, encoded
from minkang.fhir import Problem

Code = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
"""Application: accepted; content refused; message refused (unknown sender, unreadable).

Commit (enhanced mode): kept; could not be kept; refused.
"""

_OF_COMMIT: dict[Code, Code] = {"AA": "CA", "AE": "CE", "AR": "CR"}

_SHOWN: Final = 20


class Wanted(msgspec.Struct, frozen=True):
    """Which acknowledgements a message asks for (MSH-15, MSH-16; HL7 table 0155).

    Without either it is the original mode: one application acknowledgement, always.
    """

    commit: str
    application: str

    def codes(self, code: Code, *, kept: bool) -> list[Code]:
        """What to answer if the application would say `code`: nothing, one or both."""
        if not self.commit and not self.application:
            return [code]
        # Kept but wrong in content is committed all the same.
        committed = "CA" if kept and code != "AR" else _OF_COMMIT[code]
        answers: list[Code] = []
        if _asked(self.commit, success=committed == "CA"):
            answers.append(committed)
        if _asked(self.application, success=code == "AA"):
            answers.append(code)
        return answers


def _asked(condition: str, *, success: bool) -> bool:
    return condition == "AL" or condition == ("SU" if success else "ER")


ORIGINAL: Final = Wanted("", "")
"""One application acknowledgement for every message."""


def wanted(msh: Segment | None) -> Wanted:
    """What a message asks for; a condition that is none of the table counts as `AL`."""
    if msh is None:
        return ORIGINAL
    asked = [msh.value(field).upper() for field in (15, 16)]
    commit, application = (one if one in ("", "AL", "NE", "ER", "SU") else "AL" for one in asked)
    return Wanted(commit, application)


def acknowledge(
    msh: Segment | None, code: Code, problems: Sequence[Problem], at: datetime, charset: str
) -> bytes:
    """The answer to a message, in the sender's character set and with his own delimiters.

    A message without a readable MSH is answered with an empty MSA-2.
    """
    writer = Writer(msh, charset)
    event = msh.value(9, 2) if msh else ""
    kind = writer.component.join(part for part in ("ACK", event, "ACK" if event else "") if part)
    version = writer.answered(12) or "2.4"
    lines = [
        writer.header(
            "MSH",
            [
                writer.time(at),
                "",
                kind,
                secrets.token_hex(10),
                writer.answered(11) or "P",
                version,
                *[""] * 5,
                writer.answered(18),
            ],
        ),
        writer.segment("MSA", code, writer.answered(10)),
    ]
    if code not in ("AA", "CA"):
        old = version < "2.5"
        lines += [writer.problem(problem, old=old) for problem in problems[:_SHOWN]]
    return encoded(lines, charset)


def acknowledge_batch(
    header: Segment,
    answers: Sequence[bytes],
    problems: Sequence[Problem],
    at: datetime,
    charset: str,
) -> bytes:
    """The answers to the messages of a batch as one batch of the same kind.

    What is wrong with the batch itself stands in the comment of its trailer (BTS-2).
    """
    writer = Writer(header, charset)
    fields = [writer.time(at), "", "", "", secrets.token_hex(10), writer.answered(11)]
    comment = "; ".join(f"{one.place} {one.rule} {one.text}" for one in problems[:_SHOWN])
    begin = [writer.header("BHS", fields)]
    end = [writer.segment("BTS", str(len(answers)), writer.escaped(comment)).rstrip(writer.mark)]
    if header.name == "FHS":
        begin.insert(0, writer.header("FHS", fields))
        end.append(writer.segment("FTS", "1"))
    return encoded(begin, charset) + b"".join(answers) + encoded(end, charset)
