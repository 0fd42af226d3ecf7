"""The code systems that come with the platform, read when first used.

`heads()` costs the reading of one short file; a table is read when one of its codes is asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from minkang.fhir.units import UCUM
from minkang.terminology import notifiable
from minkang.terminology.code_system import CodeSystem, earlier_names
from minkang.terminology.concepts import Detail, Head, Hierarchy
from minkang.terminology.packed import packed_lines, packed_text

PREFIX = "urn:minkang:cs:"
"""Before the short name of a code system of the platform."""

ICD10 = "urn:oid:2.16.156.10011.2.3.3.11"
ICD9CM3 = "urn:oid:2.16.156.10011.2.3.3.12"
DIVISIONS = "urn:minkang:cs:gbt2260"
NOTIFIABLE = "urn:minkang:cs:notifiable"
DOCUMENTS = "urn:oid:2.16.156.10011.2.4"
SEX = "urn:oid:2.16.156.10011.2.3.3.4"
MARITAL_STATUS = "urn:oid:2.16.156.10011.2.3.3.5"
ETHNIC_GROUP = "urn:oid:2.16.156.10011.2.3.3.3"
EDUCATION = "urn:oid:2.16.156.10011.2.3.3.6"
EMPLOYMENT = "urn:oid:2.16.156.10011.2.3.3.13"
KINSHIP = "urn:oid:2.16.156.10011.2.3.3.8"

_OPENDRG = "National Healthcare Security Administration, by way of OpenDRG (Apache-2.0)."
_LETTERS = {"GB/T 3304": "letters", "WS/T 500": "template"}
_REPLACED = "WS 364-2011; WS/T 364-2023 (in force since 2024-04-01) revises it."

# The chapters of ICD-10 and of ICD-9-CM volume 3, by the categories that they span.
_CHAPTERS_10 = """A00-B99 某些传染病和寄生虫病
C00-D48 肿瘤
D50-D89 血液及造血器官疾病和某些涉及免疫机制的疾患
E00-E90 内分泌、营养和代谢疾病
F00-F99 精神和行为障碍
G00-G99 神经系统疾病
H00-H59 眼和附器疾病
H60-H95 耳和乳突疾病
I00-I99 循环系统疾病
J00-J99 呼吸系统疾病
K00-K93 消化系统疾病
L00-L99 皮肤和皮下组织疾病
M00-M99 肌肉骨骼系统和结缔组织疾病
N00-N99 泌尿生殖系统疾病
O00-O99 妊娠、分娩和产褥期
P00-P96 起源于围生期的某些情况
Q00-Q99 先天性畸形、变形和染色体异常
R00-R99 症状、体征和临床与实验室异常所见，不可归类在他处者
S00-T98 损伤、中毒和外因的某些其他后果
V01-Y98 疾病和死亡的外因
Z00-Z99 影响健康状态和与保健机构接触的因素
U00-U99 用于特殊目的的编码"""
_CHAPTERS_9 = """00-00 操作和介入，不能分类于他处
01-05 神经系统手术
06-07 内分泌系统手术
08-16 眼的手术
17-17 其他各类诊断性和治疗性操作
18-20 耳部手术
21-29 鼻、口、咽手术
30-34 呼吸系统手术
35-39 心血管系统手术
40-41 血液和淋巴系统手术
42-54 消化系统手术
55-59 泌尿系统手术
60-64 男性生殖器官手术
65-71 女性生殖器官手术
72-75 产科操作
76-84 肌肉骨骼系统手术
85-86 体被系统手术
87-99 各种诊断性和治疗性操作"""

_ICD10_HEAD = Head(
    url=ICD10,
    short="icd10-cn",
    title="疾病诊断编码（ICD-10 国家医保版）",
    version="chs-drg-1.1",
    standard="国家医疗保障局",
    hierarchy="prefix",
    note=_OPENDRG,
    case_sensitive=False,
)
_ICD9_HEAD = Head(
    url=ICD9CM3,
    short="icd9cm3-cn",
    title="手术操作编码（ICD-9-CM-3 国家医保版）",
    version="chs-drg-1.1",
    standard="国家医疗保障局",
    hierarchy="prefix",
    note=_OPENDRG,
    case_sensitive=False,
)
_DIVISIONS_HEAD = Head(
    url=DIVISIONS,
    short="gbt2260",
    title="中华人民共和国行政区划代码",
    version="2024-12-31",
    standard="GB/T 2260",
    since="1981",
    hierarchy="divisions",
    note=(
        "County level and above since 1981, with successors: yescallop/areacodes (CC0), after the "
        "Ministry of Civil Affairs. Townships and streets of five cities as of 2023-06-30: "
        "modood/Administrative-divisions-of-China. Dates are years; a code that changed within a "
        "year holds for the whole of it."
    ),
)
_UCUM_HEAD = Head(
    url=UCUM,
    short="ucum",
    title="UCUM 计量单位",
    version="2.2",
    standard="UCUM",
    note="A grammar of units, not a list of codes.",
    complete=False,
)


class _Section(dict[str, str]):
    """Lines of a short table by their code, and its head."""

    def __init__(self, head: Head, lines: list[list[str]], extra: str | None) -> None:
        super().__init__((line[0], line[1]) for line in lines)
        self.head = head
        self.extra = extra
        self.more = {line[0]: line[2] for line in lines if len(line) > 2}


def heads() -> Mapping[str, Head]:
    """The built-in code systems by URL."""
    return _heads()


def code_system(url: str) -> CodeSystem | None:
    """A built-in code system by its URL or its `urn:minkang:cs:` name; None if there is none.

    UCUM is not among them: it has no list of codes (`terminology.units`).
    """
    known = _canonical().get(url)
    return _read(known) if known is not None and known != UCUM else None


def canonical(url: str) -> str:
    """The URL under which a built-in system's codes are kept; any other URL as it is."""
    return _canonical().get(url, url)


@cache
def _heads() -> Mapping[str, Head]:
    listed = [_ICD10_HEAD, _ICD9_HEAD, _DIVISIONS_HEAD, notifiable.HEAD, _UCUM_HEAD]
    listed += [section.head for section in _sections().values()]
    return {head.url: head for head in listed}


@cache
def _canonical() -> Mapping[str, str]:
    urls = {url: url for url in _heads()}
    urls.update((PREFIX + head.short, head.url) for head in _heads().values())
    return urls


@cache
def _read(url: str) -> CodeSystem:
    reader = _READERS.get(url)
    return reader() if reader is not None else _short(_sections()[url])


def _icd(head: Head, name: str, chapters: str) -> CodeSystem:
    parts = packed_text(f"{name}.txt.zst").replace("\n", "\t").split("\t")
    codes, displays = parts[::2], parts[1::2]

    def otherwise_read() -> dict[int, str]:
        pairs = (line.split("\t") for line in packed_lines(f"{name}_initials.txt.zst"))
        return {int(number): letters for number, letters in pairs}

    groups = [(line.split(" ")[0], line.split(" ")[1]) for line in chapters.split("\n")]
    return CodeSystem(head, codes, displays, groups=groups, otherwise_read=otherwise_read)


def _divisions() -> CodeSystem:
    rows: dict[str, list[list[str]]] = {}
    for line in packed_text("divisions.txt.zst").split("\n"):
        parts = line.split("\t")
        rows.setdefault(parts[0], []).append(parts)
    displays: list[str] = []
    details: dict[str, Detail] = {}
    for code, lines in rows.items():
        lines.sort(key=lambda parts: parts[1])
        last = lines[-1]
        displays.append(last[3])
        details[code] = Detail(
            since=lines[0][1] or None,
            until=last[2] or None,
            successors=tuple(last[4].split(";")) if last[4] else (),
            names=earlier_names([(p[3], p[1] or None, p[2] or None) for p in reversed(lines)]),
        )
    return CodeSystem(
        _DIVISIONS_HEAD,
        list(rows),
        displays,
        details=details,
        otherwise_read=partial(_otherwise_read, displays),
    )


def _short(section: _Section) -> CodeSystem:
    since = section.head.since
    details = {
        code: Detail(since=since, properties=((section.extra or "", more),))
        for code, more in section.more.items()
    }
    displays = list(section.values())
    return CodeSystem(
        section.head,
        list(section),
        displays,
        details=details,
        otherwise_read=partial(_otherwise_read, displays),
    )


def _otherwise_read(displays: Sequence[str]) -> dict[int, str]:
    """Initials of the names that read otherwise than their characters alone."""
    letters = dict(line.split("\t", 1) for line in packed_lines("names_initials.txt.zst"))
    return {at: letters[name] for at, name in enumerate(displays) if name in letters}


@cache
def _sections() -> Mapping[str, _Section]:
    made: dict[str, _Section] = {}
    for block in packed_text("tables.txt").strip().split("\n\n"):
        first, *lines = block.split("\n")
        key, title, standard, since, oid, hierarchy = first.split("\t")
        key = key.strip("[]")
        short = key if key.startswith("CV") else key.replace("/", "").replace(" ", "").lower()
        head = Head(
            url=f"urn:oid:{oid}" if oid else PREFIX + short,
            short=short,
            title=title,
            version=standard.rpartition("-")[2],
            standard=standard,
            since=since,
            hierarchy=_hierarchy(hierarchy),
            note=_REPLACED if standard.startswith("WS 364") else "",
        )
        made[head.url] = _Section(head, [line.split("\t") for line in lines], _LETTERS.get(key))
    return made


def _hierarchy(name: str) -> Hierarchy:
    known: dict[str, Hierarchy] = {"none": "none", "prefix": "prefix", "tens": "tens"}
    return known[name]


_READERS: dict[str, Callable[[], CodeSystem]] = {
    ICD10: lambda: _icd(_ICD10_HEAD, "icd10_cn", _CHAPTERS_10),
    ICD9CM3: lambda: _icd(_ICD9_HEAD, "icd9cm3_cn", _CHAPTERS_9),
    DIVISIONS: _divisions,
    NOTIFIABLE: notifiable.code_system,
}
