"""What code systems are called in documents: `codeSystemName` must be there, and says nothing."""

from functools import cache
from typing import Final

from minkang.terminology import built_in

_OID: Final = "urn:oid:"
_LOINC: Final = "http://loinc.org"
_SYSTEMS: Final = {
    "2.16.840.1.113883.6.1": "LOINC",
    "2.16.156.10011.2.2.1": "卫生信息数据元目录",
    "2.16.156.10011.2.2.4": "住院病案首页基本数据集",
    "2.16.156.10011.2.3.3.11": "诊断编码表（ICD-10）",
    "2.16.156.10011.2.3.3.12": "手术（操作）代码表（ICD-9-CM）",
    "2.16.156.10011.2.3.3.14": "中医病证分类与代码表（GB/T 15657）",
}


def oid_of(system: str) -> str:
    """The OID of a code system; nothing of a source's own."""
    if system == _LOINC:
        return "2.16.840.1.113883.6.1"
    return system.removeprefix(_OID) if system.startswith(_OID) else ""


@cache
def system_name(system: str) -> str:
    """What a code system is called."""
    oid = oid_of(system)
    if not oid:
        return "本机构代码"
    if oid in _SYSTEMS:
        return _SYSTEMS[oid]
    table = built_in(system)
    return table.head.title if table is not None else "代码表"
