"""Sample documents of WS/T 500, written after the schemas in ../shared.

The header and, where a kind has no body of its own here, the body are filled as the schema says;
every sample is valid by its schema.

The people in them do not exist: their identity numbers are made here.
"""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from lxml import etree

from minkang.exchange.cda import kind_name
from minkang.terminology.id_number import check_character

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "wst500" / "cda"
KINDS = tuple(f"C{number:04d}" for number in range(1, 54))

V3 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_X = "{http://www.w3.org/2001/XMLSchema}"
_OID = "2.16.156.10011.1."
_NS = {"h": V3}
ID_CARD = "37109819850315001" + check_character("37109819850315001")
INSTITUTION = "91371000MA3C000001"
DOCUMENT_ID = "0123456789abcdef0123456789abcdef"

Node: TypeAlias = Any
"""An element of lxml, which has no types."""


def there() -> None:
    """Skip the test where the schemas are not there."""
    if not (FOLDER / "C0001.xsd").exists():
        pytest.skip("NOT RUN: ../shared/data/wst500/cda is not there")


@cache
def schema(kind: str) -> etree.XMLSchema:
    """The schema of a kind."""
    return etree.XMLSchema(etree.parse(FOLDER / f"{kind}.xsd"))


def faults(root: Node, kind: str) -> list[str]:
    """What the schema finds wrong."""
    checker = schema(kind)
    checker.validate(root)
    return [f"{one.line}: {one.message}" for one in checker.error_log]


# -- values that fit a restriction -------------------------------------------------------------

_CANDIDATES = (
    "样例",
    "1",
    "20260503",
    "20260503080000",
    "1.00",
    "1.0000",
    INSTITUTION,
    DOCUMENT_ID,
    "DOC-00000001",
    "264000",
)
_NUMBERS = {"int", "short", "byte", "long", "integer", "positiveInteger", "float", "decimal"}
_NUMBERS |= {"nonNegativeInteger", "unsignedInt"}


def _fits(value: str, restriction: Node) -> bool:
    if restriction.get("base", "").removeprefix("xs:") in _NUMBERS and not re.fullmatch(
        r"-?\d+(\.\d+)?", value
    ):
        return False
    patterns = [one.get("value", "") for one in restriction.findall(f"{_X}pattern")]
    if patterns and not any(re.fullmatch(pattern, value) for pattern in patterns):
        return False
    for facet in restriction:
        name, limit = str(facet.tag).removeprefix(_X), facet.get("value", "")
        if name in ("length", "minLength", "maxLength"):
            size = int(limit)
            if not {
                "length": len(value) == size,
                "minLength": len(value) >= size,
                "maxLength": len(value) <= size,
            }[name]:
                return False
        if name in ("minInclusive", "maxInclusive"):
            low = name == "minInclusive"
            if (float(value) < float(limit)) if low else (float(value) > float(limit)):
                return False
    return True


def _value(of_type: str, simple: Node | None, name: str) -> str:
    if simple is None and name in ("time", "effectiveTime", "birthTime", "low", "high"):
        return "20260503" if of_type else "20260503080000"
    if simple is not None:
        restriction = simple.find(f"{_X}restriction")
        assert restriction is not None
        listed = restriction.findall(f"{_X}enumeration")
        choices: list[str] = [one.get("value", "") for one in listed]
        if choices:
            return choices[1 if name == "administrativeGenderCode" and len(choices) > 1 else 0]
        return next(one for one in _CANDIDATES if _fits(one, restriction))
    plain = of_type.removeprefix("xs:")
    if plain in _NUMBERS:
        return "1"
    return "true" if plain == "boolean" else "样例"


def _nearest(node: Node) -> Node | None:
    return next((one for one in node.iterancestors() if one.tag == f"{_X}element"), None)


def _filled(declared: Node) -> Node:
    """An element as its declaration wants it, with all that is optional, each once."""
    name = declared.get("name", "")
    made = etree.Element(f"{{{V3}}}{name}", nsmap={None: V3, "xsi": XSI})
    simple = declared.find(f"{_X}simpleType")
    kind = declared.find(f"{_X}complexType")
    if kind is None:
        if name == "value" and simple is None and not declared.get("type"):
            made.set(f"{{{XSI}}}type", "ST")
        made.text = _value(declared.get("type", ""), simple, name)
        return made
    for attribute in declared.iter(f"{_X}attribute"):
        if _nearest(attribute) is declared:
            value = attribute.get("fixed") or _value(
                attribute.get("type", ""), attribute.find(f"{_X}simpleType"), name
            )
            made.set(attribute.get("name", ""), value)
    chosen: set[Node] = set()
    for child in declared.iter(f"{_X}element"):
        if _nearest(child) is not declared:
            continue
        choice = next((one for one in child.iterancestors() if one.tag == f"{_X}choice"), None)
        if choice is not None and _nearest(choice) is declared:
            if choice in chosen:
                continue
            chosen.add(choice)
        made.append(_filled(child))
    return made


@cache
def _model(kind: str) -> Node:
    top = etree.parse(FOLDER / f"{kind}.xsd").getroot().find(f"{_X}element")
    assert top is not None
    return _filled(top)


def paths(root: Node, above: str = "") -> set[str]:
    """Every element and attribute that a document has somewhere, as path of names."""
    path = f"{above}/{etree.QName(root).localname}"
    found = {path} | {f"{path}/@{etree.QName(name).localname}" for name in root.attrib}
    return found.union(*(paths(child, path) for child in root))


def declared(kind: str) -> set[str]:
    """Every element and attribute that the schema of a kind knows, needed or not."""
    return paths(_model(kind))


# -- documents ----------------------------------------------------------------------------------


def set_all(root: Node, path: str, value: str) -> None:
    """Set the text, or an attribute (`…/@name`), of every element at an XPath (prefix `h:`)."""
    match = re.fullmatch(r"(.*)/@(\w+)", path)
    path, attribute = (match[1], match[2]) if match else (path, "")
    for node in root.xpath(path, namespaces=_NS):
        if attribute:
            node.set(attribute, value)
        else:
            node.text = value


def document(
    kind: str,
    *,
    numbers: Sequence[tuple[str, str]] | None = None,
    id_card: str = ID_CARD,
    name: str = "欧阳小明",
    sections: Sequence[str] | None = None,
    change: Callable[[Node], None] | None = None,
) -> Node:
    """A document of a kind about a made-up man born on 1985-03-15."""
    root = deepcopy(_model(kind))
    set_all(root, "h:templateId/@root", f"2.16.156.10011.2.1.1.{20 + int(kind[1:])}")
    set_all(root, "h:code/@codeSystem", "2.16.156.10011.2.4")
    set_all(root, "h:title", root.findtext(f"{{{V3}}}title") or kind_name(kind))
    set_all(root, "h:confidentialityCode/@code", "N")
    set_all(root, "h:confidentialityCode/@codeSystem", "2.16.840.1.113883.5.25")
    set_all(root, "h:languageCode/@code", "zh-CN")
    set_all(root, "h:setId", "")
    set_all(root, "h:relatedDocument/h:parentDocument/*", "")
    set_all(root, "h:relatedDocument/@typeCode", "RPLC")
    role = root.find(f"{{{V3}}}recordTarget/{{{V3}}}patientRole")
    assert role is not None
    first = role.find(f"{{{V3}}}id")
    assert first is not None
    if numbers is None:
        only_one = kind in ("C0034", "C0035")
        numbers = (("12", "ZY001"),) if only_one else (("11", "MZ001"), ("12", "NA"))
    place = role.index(first)
    role.remove(first)
    for offset, (oid, number) in enumerate(numbers):
        made = etree.Element(f"{{{V3}}}id", root=f"{_OID}{oid}", extension=number)
        role.insert(place + offset, made)
    patient = "h:recordTarget/h:patientRole/h:patient"
    set_all(root, f"{patient}/h:id/@root", f"{_OID}3")
    set_all(root, f"{patient}/h:id/@extension", id_card)
    set_all(root, f"{patient}/h:name", name)
    set_all(root, f"{patient}/h:birthTime/@value", "19850315")
    set_all(root, f"{patient}/h:age/@value", "41")
    set_all(root, "h:author/h:assignedAuthor/h:id/@root", f"{_OID}7")
    set_all(root, "h:author/h:assignedAuthor/h:id/@extension", "D01")
    set_all(root, "h:author/h:assignedAuthor/h:assignedPerson/h:name", "王海燕")
    keeper = "h:custodian/h:assignedCustodian/h:representedCustodianOrganization"
    set_all(root, f"{keeper}/h:id/@extension", INSTITUTION)
    set_all(root, f"{keeper}/h:name", "海滨市人民医院")
    low = "h:componentOf//h:effectiveTime/h:low/@value"
    set_all(root, low, "20260501080000")
    if sections is not None:
        body = root.find(f"{{{V3}}}component/{{{V3}}}structuredBody")
        assert body is not None
        for old in list(body):
            body.remove(old)
        for one in sections:
            body.append(
                etree.fromstring(
                    f'<component xmlns="{V3}" xmlns:xsi="{XSI}">{one}</component>',
                    etree.XMLParser(huge_tree=True),
                )
            )
    if change is not None:
        change(root)
    return root


def written(root: Node, encoding: str = "UTF-8") -> bytes:
    """A document as a file."""
    raw: bytes = etree.tostring(root, xml_declaration=True, encoding=encoding)
    return raw


# -- parts of a body ----------------------------------------------------------------------------

_DE = 'codeSystem="2.16.156.10011.2.2.1" codeSystemName="卫生信息数据元目录"'


def section(code: str, *entries: str) -> str:
    """A section with entries."""
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    loinc = 'codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC" displayName="章节"'
    return f'<section><code code="{code}" {loinc}/><text/>{body}</section>'


def named(name: str, *entries: str) -> str:
    """A section that has a name and no code."""
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<section><code displayName="{name}"/><text/>{body}</section>'


def text(value: str) -> str:
    """An ST."""
    return f'<value xsi:type="ST">{value}</value>'


def coded(code: str, name: str, system: str = "2.3.3.11") -> str:
    """A CD."""
    oid = f'codeSystem="2.16.156.10011.{system}" codeSystemName="代码表"'
    return f'<value xsi:type="CD" code="{code}" displayName="{name}" {oid}/>'


def code(tag: str, value: str, name: str, system: str) -> str:
    """An element that is a code."""
    oid = f'codeSystem="2.16.156.10011.{system}" codeSystemName="代码表"'
    return f'<{tag} code="{value}" displayName="{name}" {oid}/>'


def related(*observations: str) -> str:
    """Observations that say more of a procedure or a drug."""
    return "".join(
        f'<entryRelationship typeCode="COMP">{one}</entryRelationship>' for one in observations
    )


def number(kind: str, value: str, **more: str) -> str:
    """A PQ, REAL, INT, BL or MO."""
    rest = "".join(f' {key}="{one}"' for key, one in more.items())
    return f'<value xsi:type="{kind}" value="{value}"{rest}/>'


def element(
    code: str,
    label: str,
    value: str = "",
    *nested: str,
    before: str = "",
    after: str = "",
    qualifier: str = "",
    system: str = _DE,
) -> str:
    """An observation of a data element; `before` its value times, `after` it a performer."""
    inner = "".join(
        f'<entryRelationship typeCode="COMP">{one}</entryRelationship>' for one in nested
    )
    said = f'<qualifier><name displayName="{qualifier}"/></qualifier>' if qualifier else ""
    return (
        f'<observation classCode="OBS" moodCode="EVN">'
        f'<code code="{code}" displayName="{label}" {system}>{said}</code>'
        f"{before}{value}{after}{inner}</observation>"
    )


def organizer(*components: str, code: str = "") -> str:
    """An organizer of observations."""
    inner = "".join(f"<component>{one}</component>" for one in components)
    return f'<organizer classCode="BATTERY" moodCode="EVN">{code}<statusCode/>{inner}</organizer>'


def when(value: str) -> str:
    """An effectiveTime."""
    return f'<effectiveTime value="{value}"/>'


def between(low: str, high: str) -> str:
    """An effectiveTime with both ends."""
    return f'<effectiveTime><low value="{low}"/><high value="{high}"/></effectiveTime>'


ORGANIZATION = (
    "<performer><assignedEntity><id/><representedOrganization><name>海滨市人民医院</name>"
    "</representedOrganization></assignedEntity></performer>"
)


def item_group(item: str, amount: str, unit: str, flag: str = "2") -> str:
    """A laboratory item with its results, as C0007 has them."""
    return organizer(
        element(
            "DE04.30.019.00",
            "检验项目代码",
            text(item),
            element(
                "DE04.50.134.00",
                "标本类别",
                text("血清"),
                before=between("20260503073000", "20260503081500"),
            ),
            element("DE04.50.135.00", "标本状态", text("合格")),
            before=when("20260503"),
        ),
        element(
            "DE04.30.017.00",
            "检验结果代码",
            coded(flag, {"1": "正常", "2": "异常"}[flag], "2.3.2.38"),
        ),
        element(
            "DE04.30.015.00",
            "检验定量结果",
            number("REAL", amount),
            element("DE04.30.016.00", "检查定量结果计量单位", text(unit)),
        ),
    )


LABORATORY = (
    section(
        "29548-5",
        element(
            "DE05.01.024.00",
            "诊断代码",
            coded("E11.900", "2型糖尿病"),
            before=when("20260502"),
            after=ORGANIZATION,
        ),
    ),
    section(
        "30954-2",
        element("DE02.10.027.00", "检验方法名称", text("酶法")),
        element("DE04.30.018.00", "检验类别", text("生化")),
        item_group("GLU", "7.9000", "mmol/L"),
        item_group("CHOL", "4.2000", "mmol/L", "1"),
    ),
    named(
        "检验报告",
        element("DE04.50.130.00", "检验报告结果", text("空腹血糖升高")),
        element("DE08.10.026.00", "检验报告科室", text("检验科")),
        element("DE08.10.013.00", "检验报告机构名称", text("海滨市人民医院")),
        element("DE06.00.179.00", "检验报告备注", text("请结合临床")),
    ),
)

NUMBERS = (("11", "MZ001"), ("12", "NA"), ("33", "JY001"), ("24", "SQ001"), ("14", "BB001"))


def laboratory(**more: object) -> Node:
    """C0007."""
    return document("C0007", **{"numbers": NUMBERS, "sections": LABORATORY, **more})  # type: ignore[arg-type]


EXAMINATION = (
    section(
        "29548-5",
        element(
            "DE05.01.024.00",
            "诊断代码",
            coded("K80.200", "胆囊结石"),
            before=when("20260502080000"),
            after=ORGANIZATION,
        ),
    ),
    section("10154-3", element("DE04.01.119.00", "主诉", text("右上腹痛三天"))),
    section(
        "11450-4",
        element(
            "DE04.01.117.00",
            "症状描述",
            text("饭后加重"),
            before=between("20260430080000", "20260502080000"),
        ),
    ),
    section(
        "47519-4",
        '<procedure classCode="PROC" moodCode="EVN">'
        + code("code", "51.2300", "腹腔镜下胆囊切除术", "2.3.3.12")
        + "<statusCode/>"
        + when("20260503090000")
        + code("targetSiteCode", "09", "胆囊", "2.3.1.266")
        + related(
            element("DE06.00.094.00", "手术（操作）名称", text("胆囊切除")),
            element("DE06.00.250.00", "操作次数", text("1")),
            element(
                "DE06.00.073.00",
                "麻醉方式代码",
                coded("1", "全身麻醉", "2.3.1.159"),
                after="<performer><assignedEntity><id/><assignedPerson><name>高原</name>"
                "</assignedPerson></assignedEntity></performer>",
            ),
        )
        + "</procedure>",
    ),
    section(
        "29545-1",
        element("DE02.10.027.00", "检查方法名称", text("彩超")),
        element("DE04.30.018.00", "检查类别", text("超声")),
        organizer(
            element(
                "DE04.30.019.00",
                "检查项目代码",
                text("US01"),
                element(
                    "DE04.50.134.00",
                    "标本类别",
                    text("胆汁"),
                    before=between("20260503081000", "20260503082000"),
                ),
                element("DE04.50.135.00", "标本状态", text("合格")),
                before=when("20260503081500"),
            ),
            element("DE04.30.017.00", "检查结果代码", coded("2", "异常", "2.3.2.38")),
            element(
                "DE04.30.015.00",
                "检查定量结果",
                number("REAL", "1.2"),
                element("DE04.30.016.00", "计量单位", text("cm")),
            ),
        ),
    ),
    named("其他处置章节", element("DE06.00.296.00", "诊疗过程描述", text("空腹检查"))),
    named(
        "检查报告",
        element("DE04.50.131.00", "检查报告结果-客观所见", text("胆囊内强回声")),
        element("DE04.50.132.00", "检查报告结果-主观提示", text("胆囊结石")),
        element("DE08.10.026.00", "检查报告科室", text("超声科")),
        element("DE08.10.013.00", "检查报告机构名称", text("海滨市人民医院")),
    ),
)

ORDERED = (
    '<performer><time value="20260503090000"/><assignedEntity><id root="2.16.156.10011.1.4"/>'
    '<code displayName="医嘱执行者"/><assignedPerson><name>何静</name></assignedPerson>'
    "<representedOrganization><name>西药房</name></representedOrganization>"
    "</assignedEntity></performer>"
    '<author><time value="20260503083000"/><assignedAuthor><id root="2.16.156.10011.1.4"/>'
    '<code displayName="医嘱开立者"/><assignedPerson><name>王海燕</name></assignedPerson>'
    "<representedOrganization><name>心内科</name></representedOrganization>"
    "</assignedAuthor></author>"
    '<participant typeCode="ATND"><time value="20260503084500"/>'
    '<participantRole classCode="ASSIGNED"><id root="2.16.156.10011.1.4"/>'
    '<code displayName="医嘱审核人"/>'
    '<playingEntity classCode="PSN" determinerCode="INSTANCE"><name>马超</name></playingEntity>'
    "</participantRole></participant>"
)

OUTPATIENT = (
    section(
        "48765-2",
        element(
            "DE02.10.023.00",
            "过敏史标志",
            number("BL", "true"),
            element("DE05.01.022.00", "过敏史", text("青霉素")),
        ),
    ),
    section("10154-3", element("DE04.01.119.00", "主诉", text("头痛三天"))),
    section("11348-0", element("DE02.10.099.00", "既往史", text("无"))),
    section(
        "29548-5",
        element("DE06.00.196.00", "初诊标志代码", coded("1", "初诊", "2.3.2.39")),
        element("DE05.01.024.00", "诊断代码", coded("I10.x00", "原发性高血压")),
        element("DE05.01.025.00", "诊断名称", text("高血压病2级")),
        element(
            "DE05.10.130.00",
            "中医病名代码",
            coded("BNG080", "眩晕病", "2.3.3.14"),
        ),
        element("DE05.10.172.00", "中医病名名称", text("眩晕")),
        element(
            "DE05.10.130.00",
            "中医证候代码",
            coded("ZYX010", "肝阳上亢证", "2.3.3.14"),
        ),
        element("DE05.10.172.00", "中医证候名称", text("肝阳上亢")),
    ),
    section(
        "46209-3",
        organizer(
            element("DE06.00.289.00", "医嘱项目类型", coded("01", "药品类医嘱", "2.3.1.268")),
            element(
                "DE06.00.288.00",
                "医嘱项目内容",
                text("硝苯地平片 10mg 口服"),
                element("DE06.00.179.00", "医嘱备注信息", text("饭后")),
                element("DE06.00.290.00", "医嘱执行状态", text("已执行")),
                before=between("20260503083000", "20260510083000"),
                after=ORDERED,
                qualifier="医嘱项目内容",
            ),
        ),
    ),
)


def drug(name: str, dose: str, unit: str) -> str:
    """A drug of C0004 or C0005."""
    form = code("administrationUnitCode", "01", "片剂(素片、压制片),浸膏片,非包衣片", "2.3.1.211")
    return (
        '<substanceAdministration classCode="SBADM" moodCode="EVN"><text/>'
        + code("routeCode", "1", "口服", "2.3.1.158")
        + f'<doseQuantity value="{dose}" unit="{unit}"/><rateQuantity value="3" unit="次/日"/>'
        + form
        + "<consumable><manufacturedProduct><manufacturedLabeledDrug>"
        + f"<code/><name>{name}</name>"
        + "</manufacturedLabeledDrug></manufacturedProduct></consumable>"
        + related(
            element("DE08.50.043.00", "药物规格", text("10mg")),
            element("DE06.00.135.00", "药物使用总剂量", number("PQ", "30", unit="天")),
        )
        + "</substanceAdministration>"
    )


WESTERN = (
    section("29548-5", element("DE05.01.024.00", "诊断代码", coded("I10.x00", "原发性高血压"))),
    section(
        "10160-0",
        drug("硝苯地平片", "10.0", "mg"),
        drug("阿司匹林肠溶片", "0.1", "g"),
        element("DE06.00.294.00", "处方有效天数", number("PQ", "3", unit="天")),
        element("DE08.50.056.00", "处方药品组号", number("INT", "1")),
        element("DE06.00.179.00", "处方备注信息", text("按时服药")),
    ),
    section(
        "48768-6", element("DE07.00.004.00", "处方药品金额", number("MO", "35.50", currency="元"))
    ),
)

HERBAL = (
    section(
        "29548-5",
        element(
            "DE05.10.130.00",
            "中医病名代码",
            coded("BNG080", "眩晕病", "2.3.3.14"),
            qualifier="中医病名代码",
        ),
        element(
            "DE05.10.130.00",
            "中医证候代码",
            coded("ZYX010", "肝阳上亢证", "2.3.3.14"),
            qualifier="中医证候代码",
        ),
    ),
    section(
        "10160-0",
        element(
            "DE08.50.049.00",
            "中药饮片处方",
            text("天麻10g 钩藤12g"),
            element("DE08.50.050.00", "中药饮片剂数", number("PQ", "7", unit="剂")),
            element("DE08.50.047.00", "中药煎煮法", text("钩藤后下")),
            element("DE06.00.136.00", "中药用药法", text("每日一剂")),
        ),
        drug("六味地黄丸", "8", "丸"),
        element("DE08.50.032.00", "处方类别代码", coded("2", "中药饮片处方", "2.3.2.40")),
    ),
    section(
        "48768-6", element("DE07.00.004.00", "处方药品金额", number("MO", "355", currency="角"))
    ),
    section("18776-5", element("DE06.00.300.00", "治则治法", text("平肝潜阳"))),
)


def operation(*more: str) -> str:
    """A procedure of C0053 or C0032."""
    return (
        '<procedure classCode="PROC" moodCode="EVN">'
        + code("code", "51.2300", "腹腔镜下胆囊切除术", "2.3.3.12")
        + f"<statusCode/>{when('20260503090000')}{{performers}}{related(*more)}</procedure>"
    )


DISCHARGE = (
    section("11450-4", element("DE05.10.148.00", "入院情况", text("腹痛入院"))),
    section(
        "46241-6", element("DE05.01.024.00", "入院诊断-西医诊断编码", coded("K80.200", "胆囊结石"))
    ),
    section(
        "11535-2",
        element(
            "DE05.01.024.00", "出院诊断-西医诊断编码", coded("K80.100", "胆囊结石伴慢性胆囊炎")
        ),
        element("DE06.00.193.00", "出院情况", text("好转")),
    ),
    section(
        "47519-4",
        operation(
            element("DE06.00.257.00", "手术切口类别代码", coded("2", "Ⅱ类切口", "2.3.1.256")),
            element("DE05.10.063.00", "手术过程", text("顺利")),
        ).replace("{performers}", ""),
    ),
    section(
        "8648-8",
        element("DE05.10.113.00", "治疗结果代码", coded("1", "治愈", "2.3.1.148")),
        element("DE06.00.310.00", "实际住院天数", number("PQ", "7", unit="天")),
    ),
    section("46209-3", element("DE06.00.287.00", "出院医嘱", text("低脂饮食"))),
    section(
        "30954-2",
        '<organizer classCode="CLUSTER" moodCode="EVN"><statusCode/>'
        '<component typeCode="COMP" contextConductionInd="true">'
        '<observation classCode="OBS" moodCode="EVN">'
        f'<code code="DE04.50.128.00" {_DE}/>{text("胆囊结石")}'
        "</observation></component></organizer>",
    ),
)

_HDSD = 'codeSystem="2.16.156.10011.2.2.4" codeSystemName="住院病案首页基本数据集"'
_DOCTOR = '<id root="2.16.156.10011.1.4" extension="{}"/>'


def diagnosis(code: str, name: str, side: str, condition: str = "1") -> str:
    """The three siblings of a diagnosis of C0032."""
    return organizer(
        element(
            "DE05.01.025.00",
            f"出院诊断-{side}名称",
            text(name),
            before=when("20260502080000"),
            qualifier=f"{side}名称",
        ),
        element(
            "DE05.01.024.00",
            f"出院诊断-{side}疾病编码",
            coded(code, name),
            qualifier=f"{side}疾病编码",
        ),
        element(
            "DE09.00.104.00",
            f"出院诊断-{side}入院病情代码",
            coded(condition, "有", "2.3.1.253"),
            qualifier=f"{side}入院病情代码",
        ),
    )


def front_page_sections(*, allergic: bool = True) -> tuple[str, ...]:
    """The body of C0032."""
    return (
        section(
            "8716-3",
            element(
                "DE04.10.019.00",
                "入院体重",
                number("PQ", "3200", unit="g"),
                qualifier="新生儿入院体重",
            ),
        ),
        section(
            "29548-5",
            organizer(
                element(
                    "DE05.01.024.00",
                    "门（急）诊诊断疾病编码",
                    coded("K80.200", "胆囊结石"),
                    qualifier="门（急）诊诊断",
                ),
                element(
                    "DE05.01.025.00",
                    "门（急）诊诊断名称",
                    text("胆囊结石"),
                    qualifier="门（急）诊诊断",
                ),
            ),
        ),
        section(
            "42349-1",
            '<observation classCode="OBS" moodCode="EVN"><code/>'
            "<author><time/><assignedAuthor><id/>"
            "<representedOrganization><name>普外科</name></representedOrganization>"
            "</assignedAuthor></author></observation>",
        ),
        section(
            "11535-2",
            diagnosis("K80.100", "胆囊结石伴慢性胆囊炎", "主要诊断"),
            element(
                "DE06.00.223.00",
                "离院方式",
                coded("2", "医嘱转院", "2.3.1.265"),
                element("DE08.10.013.00", "拟接收医疗机构名称", text("海滨市康复医院")),
            ),
            diagnosis("I10.x00", "高血压病", "其他诊断"),
            diagnosis("E11.900", "糖尿病", "其他诊断"),
        ),
        section(
            "48765-2",
            '<act classCode="ACT" moodCode="EVN"><code nullFlavor="NA"/>'
            '<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">'
            f'<code code="DE02.10.023.00" {_DE}/>'
            + number("BL", "true" if allergic else "false")
            + '<participant typeCode="CSM"><participantRole classCode="MANU">'
            '<playingEntity classCode="MMAT">'
            f'<code code="DE02.10.022.00" {_DE} displayName="过敏药物"/><desc>青霉素</desc>'
            "</playingEntity></participantRole></participant>"
            "</observation></entryRelationship></act>",
        ),
        section(
            "47519-4",
            operation(
                element("DE06.00.255.00", "手术级别", coded("3", "三级手术", "2.3.1.258"))
            ).replace(
                "{performers}",
                f"<performer><assignedEntity>{_DOCTOR.format('D02')}<assignedPerson>"
                "<name>李伟</name></assignedPerson></assignedEntity></performer>"
                '<participant typeCode="ATND"><participantRole classCode="ASSIGNED">'
                f'{_DOCTOR.format("NA")}<code displayName="第一助手"/>'
                '<playingEntity classCode="PSN" determinerCode="INSTANCE"><name>赵敏</name>'
                "</playingEntity></participantRole></participant>",
            ),
        ),
        section("8648-8", element("DE06.00.310.00", "实际住院天数", number("PQ", "7", unit="天"))),
        named(
            "行政管理",
            element(
                "DE09.00.103.00",
                "病案质量",
                coded("1", "甲", "2.3.2.29"),
                before=when("20260504"),
                after="<author><time>20260503</time><assignedAuthor>"
                f"{_DOCTOR.format('D09')}<representedOrganization><name>质控科</name>"
                '</representedOrganization><code displayName="质控医师"/><assignedPerson>'
                "<name>宋佳</name></assignedPerson></assignedAuthor></author>",
            ),
        ),
        section(
            "48768-6",
            element(
                "DE07.00.007.00",
                "医疗付费方式代码",
                coded("01", "城镇职工基本医疗保险", "2.3.1.269"),
            ),
            element(
                "HDSD00.11.142",
                "住院总费用",
                number("MO", "12345.60", currency="元"),
                element(
                    "HDSD00.11.143",
                    "自付金额",
                    number("MO", "2345.60", currency="元"),
                    system=_HDSD,
                ),
                system=_HDSD,
            ),
            organizer(
                element(
                    "HDSD00.11.147",
                    "一般医疗服务费",
                    number("MO", "700.00", currency="元"),
                    system=_HDSD,
                ),
                element(
                    "HDSD00.11.145", "护理费", number("MO", "350.00", currency="元"), system=_HDSD
                ),
            ),
        ),
    )


STAY = (("12", "ZY001"), ("13", "BA001"), ("19", "NA"))


def whole() -> dict[str, Node]:
    """A full document of every kind whose whole content is understood."""
    from tests.exchange.cda_ward_samples import ward_documents

    return {
        "C0002": document("C0002", sections=OUTPATIENT),
        "C0004": document("C0004", sections=WESTERN, numbers=(("11", "MZ001"), ("20", "CF001"))),
        "C0005": document("C0005", sections=HERBAL, numbers=(("11", "MZ001"), ("20", "CF002"))),
        "C0006": document(
            "C0006",
            sections=EXAMINATION,
            numbers=(("11", "MZ001"), ("12", "NA"), ("32", "JC001"), ("24", "SQ002")),
        ),
        "C0007": laboratory(),
        "C0032": document("C0032", sections=front_page_sections(), numbers=STAY),
        "C0053": document("C0053", sections=DISCHARGE, numbers=(("12", "ZY001"), ("19", "NA"))),
        **ward_documents(),
    }
