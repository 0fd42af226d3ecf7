"""Bytes to a tree of elements, or the reason why not; nothing is fetched, nothing expanded.

XML 1.0 (5th edition); RFC 7303 for encodings. A document type declaration is refused before the
parser sees it: no entity of ours or anybody's is ever defined, so none can be expanded or fetched.
"""

import re

from lxml import etree

from minkang.exchange.cda.element import XSI_TYPE, Element
from minkang.fhir import Problem, Refused

LONGEST = 32 * 1024 * 1024
"""Bytes of a document."""
DEEPEST = 100
"""Levels of elements; the deepest of WS/T 500 has 23."""
_MOST_MARKS = 600_000
"""Angle brackets: what an element costs in memory does not show in its bytes."""
_MOST_ATTRIBUTES = 600_000

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
_DECLARED = re.compile(
    rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']""", re.ASCII
)
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,300}\?>")
_PROLOG = re.compile(r"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_ASIAN = re.compile("[\u0800-\U0010ffff]")
_GB = frozenset({"gb2312", "gbk", "gb18030", "cp936", "gb_2312-80", "windows-936", "euc-cn"})
_UTF8 = frozenset({"utf-8", "utf8"})
_ASCII = frozenset({"us-ascii", "ascii"})
_PAIRED = (b"\xff\xfe", b"\xfe\xff")


def read_document(raw: bytes, charset: str = "utf-8") -> Element:
    """The root of a document; `charset` is the sender's where the document does not say.

    Raises:
        Refused: stage `parse`, rules `too-long`, `too-many`, `depth`, `encoding`, `doctype`, `xml`.
    """
    return _converted(parse_xml(raw, charset))


def parse_xml(raw: bytes, charset: str = "utf-8") -> "etree._Element":
    """The same as the parser sees it, with its namespaces; nothing is checked but what it costs.

    Raises:
        Refused: as `read_document`.
    """
    if len(raw) > LONGEST:
        raise _refused("第 1 行", "too-long", f"文档有 {len(raw)} 字节，超过 {LONGEST} 字节的上限")
    return _tree(_checked(_decoded(raw, charset)[0]))


def charset_of(raw: bytes, charset: str = "utf-8") -> str:
    """In which encoding the bytes of a document really are: `utf-8`, `gb18030` or `utf-16`.

    Raises:
        Refused: in none that is known.
    """
    return _decoded(raw, charset)[1]


def _refused(place: str, rule: str, text: str) -> Refused:
    return Refused([Problem("parse", place, rule, text)])


def _decoded(raw: bytes, charset: str) -> tuple[str, str]:
    """The text and the encoding that it is really in.

    What is declared is often wrong: bytes that are UTF-8 are UTF-8 whatever they say. GB 18030
    can look like UTF-8 only with characters of two bytes there, which Chinese never has.
    """
    if raw.startswith(b"\xef\xbb\xbf"):
        return _strictly(raw[3:], "utf-8"), "utf-8"
    if raw.startswith(_PAIRED):
        return _strictly(raw, "utf-16"), "utf-16"
    match = _DECLARED.match(raw)
    declared = match[1].decode("ascii").lower() if match else charset.lower()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text:
        chinese = text.isascii() or _ASIAN.search(text) is not None
        if chinese or declared not in _GB:
            return text, "utf-8"
    if match and declared not in _GB | _UTF8 | _ASCII:
        known = "文档声明的编码不受支持，应为 UTF-8 或 GB18030"
        raise _refused("第 1 行", "encoding", f"{known}：{declared}")
    try:
        return raw.decode("gb18030"), "gb18030"
    except UnicodeDecodeError:
        # Of what it says it is, the place is told where it is not.
        return _strictly(raw, "gb18030" if declared in _GB else "utf-8"), "gb18030"


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        text = f"第 {error.start + 1} 字节既不是 UTF-8 也不是 GB18030 的字符"
        raise _refused(f"第 {line} 行", "encoding", text) from error


def _checked(text: str) -> str:
    """The text without its XML declaration, if it is within all limits."""
    match = _DECLARATION.match(text)
    if match:
        text = "\n" * match[0].count("\n") + text[match.end() :]
    text = text.lstrip(" \t\r\ufeff") if not match else text
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    if text.startswith("<!DOCTYPE", start):
        line = text.count("\n", 0, start) + 1
        raise _refused(f"第 {line} 行", "doctype", "文档不得带有 DOCTYPE（实体定义）")
    if text.count("<") > _MOST_MARKS or text.count('="') + text.count("='") > _MOST_ATTRIBUTES:
        raise _refused("第 1 行", "too-many", "文档的元素或属性过多")
    return text


def _tree(text: str) -> "etree._Element":
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode("utf-8", "surrogatepass"), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        why = str(error.msg or "").partition(", line ")[0][:120]
        place = f"第 {line} 行第 {column} 列"
        raise _refused(place, "xml", f"不是格式正确的 XML：{why}") from error


def _converted(root: "etree._Element") -> Element:
    names: dict[str, str] = {}
    top = _element(root, None, names)
    waiting = [(root, top, 1)]
    while waiting:
        source, element, depth = waiting.pop()
        texts = [source.text or ""]
        for child in source:
            if depth == DEEPEST:
                raise _refused(element.place(), "depth", f"元素嵌套超过 {DEEPEST} 层")
            one = _element(child, element, names)
            element.children.append(one)
            texts.append(child.tail or "")
            waiting.append((child, one, depth + 1))
        element.text = "".join(texts).strip()
    return top


def _element(source: "etree._Element", parent: Element | None, names: dict[str, str]) -> Element:
    attributes: dict[str, str] = {}
    for key, value in source.items():
        attribute = names.get(key)
        if attribute is None:
            attribute = XSI_TYPE if key == _XSI else str(key).rpartition("}")[2]
            names[str(key)] = attribute
        attributes[attribute] = str(value).strip()
    tag = str(source.tag)
    name = names.get(tag)
    if name is None:
        name = names[tag] = tag.rpartition("}")[2]
    return Element(name, attributes, source.sourceline or 0, parent)
