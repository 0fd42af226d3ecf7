"""Send HL7 v2 messages over MLLP and print the acknowledgements. Standard library only.

    python examples/send_hl7.py                    # a visit and a laboratory report, invented
    python examples/send_hl7.py my_message.hl7     # a message from a file, as it is
    python examples/send_hl7.py --port 2575 --host 127.0.0.1

Exit code 0: every message was accepted (AA). 1: one was refused (AE, AR). 3: nobody answered.

The invented messages speak as the demonstration's first hospital. The patient does not exist: the
ID number's division, 371098, was never assigned.
"""

import argparse
import socket
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

START, END = b"\x0b", b"\x1c\r"
ZONE = timezone(timedelta(hours=8))
SENDER, FACILITY = "haibin", "MK37109800100000110001"
PATIENT, ID_NUMBER = "EX000001", "371098198503120028"
VISIT, REPORT = "EXV0001", "EXR0001"


def example_messages() -> Iterator[bytes]:
    """An outpatient visit (ADT^A04), then its laboratory report (ORU^R01)."""
    now = datetime.now(ZONE).replace(microsecond=0)
    begun, drawn = now - timedelta(minutes=50), now - timedelta(minutes=30)
    pid = (
        f"PID|1||{PATIENT}^^^{SENDER}^PI~{ID_NUMBER}^^^^NNCHN||例小明||19850312|F|||"
        "示例区示例路 1 号||15400000001"
    )
    visit = f"PV1|1|O|内分泌科||||D900^示例医生{'|' * 12}{VISIT}{'|' * 25}{_time(begun)}"
    yield _message(
        "ADT^A04^ADT_A01",
        now,
        f"EVN|A04|{_time(now)}",
        pid,
        visit,
        f"DG1|1||E11.900^2型糖尿病^ICD-10||{_time(begun)}|W",
    )
    yield _message(
        "ORU^R01^ORU_R01",
        now,
        pid,
        visit,
        f"OBR|1|P{REPORT}|{REPORT}|GLU^血糖^L|||{_time(drawn)}|||||||||||||||{_time(now)}|||F",
        _result(1, "1558-6^空腹血糖^LN", "7.90", "mmol/L", "3.9-6.1", "H", drawn),
        _result(2, "4548-4^糖化血红蛋白^LN", "7.2", "%", "4.0-6.0", "H", drawn),
    )


def _message(kind: str, now: datetime, *segments: str) -> bytes:
    control_id = f"EX{time.time_ns()}"
    head = (
        f"MSH|^~\\&|{SENDER}|{FACILITY}|MINKANG|REGION|{_time(now)}||{kind}|{control_id}|P|2.4"
        "||||||UNICODE UTF-8"
    )
    return "".join(f"{segment}\r" for segment in (head, *segments)).encode()


def _result(
    number: int, code: str, value: str, unit: str, usual: str, flag: str, at: datetime
) -> str:
    return f"OBX|{number}|NM|{code}||{value}|{unit}|{usual}|{flag}|||F|||{_time(at)}"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S%z")


def exchange(connection: socket.socket, message: bytes) -> str:
    """Send one message in its frame; the acknowledgement, segments on lines of their own."""
    connection.sendall(START + message + END)
    answer = b""
    while not answer.endswith(END):
        received = connection.recv(65536)
        if not received:
            raise ConnectionError("the connection was closed before the acknowledgement")
        answer += received
    return answer.strip(START + END).decode(errors="replace").replace("\r", "\n")


def main() -> int:
    """Send what was asked for."""
    parser = argparse.ArgumentParser(description="Send HL7 v2 messages over MLLP.")
    parser.add_argument("files", nargs="*", type=Path, help="one message each; none: the example")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=2575)
    chosen = parser.parse_args()
    messages = [file.read_bytes() for file in chosen.files] or list(example_messages())
    accepted = True
    try:
        with socket.create_connection((chosen.host, chosen.port), timeout=30) as connection:
            for message in messages:
                answer = exchange(connection, message)
                sys.stdout.write(answer + "\n\n")
                accepted = accepted and "\nMSA|AA|" in answer
    except OSError as error:
        sys.stderr.write(f"{chosen.host}:{chosen.port}: {error}\n")
        return 3
    return 0 if accepted else 1


if __name__ == "__main__":
    sys.exit(main())
