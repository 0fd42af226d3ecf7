"""HL7 v2 messages written out for the tests."""

PID = (
    "PID|1||P001^^^haibin^PI~371098198503150017^^^^NNCHN||欧阳小明||19850315|M|||港湾路1号"
    "||13800000001"
)


def _header(sender: str, kind: str, control: str, at: str, charset: str) -> str:
    front = f"MSH|^~\\&|{sender}|MKHAIBIN|MINKANG|REGION|{at}+0800||{kind}"
    return f"{front}|{control}|P|2.4||||||{charset}"


def adt(
    *,
    event: str = "A04",
    control: str = "c1",
    pid: str = PID,
    at: str = "20260501080000",
    visit: str = "V001",
    diagnosis: str = "DG1|1||I10^原发性高血压^ICD-10||20260501080000|W",
    sender: str = "haibin",
    charset: str = "UNICODE UTF-8",
) -> bytes:
    lines = [
        _header(sender, f"ADT^{event}^ADT_A01", control, at, charset),
        f"EVN|{event}|{at}",
        pid,
        "PV1|1|O|CARD^心内科||||D01^王^海燕" + "|" * 12 + visit + "|" * 25 + at + "|",
        diagnosis,
    ]
    encoding = "gb18030" if charset.startswith("GB") else "utf-8"
    return ("\r".join(line for line in lines if line) + "\r").encode(encoding)


def oru(
    *,
    control: str = "r1",
    value: str = "5.60",
    kind: str = "NM",
    at: str = "20260502090000",
    report: str = "L001",
    status: str = "F",
    pid: str = PID,
    extra: str = "",
) -> bytes:
    lines = [
        _header("haibin", "ORU^R01^ORU_R01", control, at, "UNICODE UTF-8"),
        pid,
        "PV1|1|O|CARD^心内科" + "|" * 16 + "V001",
        f"OBR|1|O1|{report}|GLU^血糖^L|||20260502083000" + "|" * 15 + f"{at}|||{status}",
        f"OBX|1|{kind}|2345-7^葡萄糖^LN||{value}|mmol/L|3.9-6.1|N|||{status}|||20260502083000",
        extra,
    ]
    return ("\r".join(line for line in lines if line) + "\r").encode()
