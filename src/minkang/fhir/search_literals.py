"""Values of search parameters, read from a query and written back (FHIR R4 3.1.1.4.7 ff.)."""

import re
from decimal import Decimal, localcontext
from typing import get_args

from minkang.fhir.references import ID_PATTERN
from minkang.fhir.search import (
    CompositeValue,
    DateValue,
    NumberValue,
    OfTypeValue,
    Parameter,
    Prefix,
    QuantityValue,
    ReferenceValue,
    StringValue,
    TokenValue,
    UriValue,
    Value,
)
from minkang.fhir.search_dates import span, text_of
from minkang.fhir.search_parameters import implied_systems, value_types
from minkang.fhir.search_text import escape, split, unescape
from minkang.fhir.types import TYPE_CODES

_PREFIXES: tuple[Prefix, ...] = get_args(Prefix)
_NUMBER = re.compile(r"[+-]?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LARGEST_EXPONENT = 300


class BadValue(Exception):  # noqa: N818 - it says what it is
    """A parameter or its value can't be understood.

    Attributes:
        rule: as in `Problem.rule`.
        text: as in `Problem.text`.
        unsupported: FHIR may know it, or it may be a slip: a lenient search may leave it out.
    """

    def __init__(self, rule: str, text: str, *, unsupported: bool = False) -> None:
        self.rule = rule
        self.text = text
        self.unsupported = unsupported
        super().__init__(f"{rule}: {text}")


def read_value(p: Parameter, modifier: str | None, text: str, base: str = "") -> Value:
    """One alternative of a parameter's value, still escaped as it stands in the query.

    Args:
        p: the parameter.
        modifier: one that the parameter's kind allows; a type modifier is not given here.
        text: without the commas between alternatives.
        base: URL of this server, for absolute references that point here.

    Raises:
        BadValue: it can't be understood.
    """
    match modifier:
        case "text" | "exact" | "contains" | "phonetic":
            return StringValue(unescape(text))
        case "in" | "not-in":
            return UriValue(unescape(text))
        case "of-type":
            return _of_type(text)
        case "identifier":
            return _token(text)
    match p.kind:
        case "string":
            return StringValue(unescape(text))
        case "token":
            return _token_value(p, modifier, text)
        case "reference":
            return _reference(p, text, base)
        case "uri":
            return _uri(modifier, text)
        case "date":
            return _date(text)
        case "number":
            return _number(text, "number")
        case "quantity":
            return _quantity(text)
        case "composite":
            return _composite(p, text, base)
        case "special":
            raise BadValue("unsupported", f"不支持按 {p.code} 检索", unsupported=True)


def normalised(p: Parameter, value: TokenValue) -> tuple[TokenValue, ...]:
    """The value with the system left out where R4 implies it and JSON doesn't hold it.

    A parameter that also has values with systems gets both forms.
    """
    if not value.system or value.system not in implied_systems(p.type, p.code):
        return (value,)
    bare = TokenValue("", value.code)
    return (bare,) if value_types(p.type, p.code) <= {"code", "boolean"} else (value, bare)


def _token(text: str) -> TokenValue:
    parts = [unescape(part) for part in split(text, "|")]
    match parts:
        case [code] if code:
            return TokenValue(None, code)
        case [system, code] if system or code:
            return TokenValue(system, code or None)
    raise BadValue("token", f"“{text}”不是代码：应写作 code、system|code、|code 或 system|")


def _token_value(p: Parameter, modifier: str | None, text: str) -> TokenValue:
    value = _token(text)
    if modifier in ("above", "below") and not (value.system and value.code):
        raise BadValue("token", f"“{text}”缺少系统或代码：:{modifier} 需要 system|code")
    if (
        value_types(p.type, p.code) == {"boolean"}
        and value.code is not None
        and value.code not in ("true", "false")
    ):
        raise BadValue("token", f"{p.code} 只能是 true 或 false，而不是“{value.code}”")
    return value


def _of_type(text: str) -> OfTypeValue:
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) != 3 or not all(parts):
        raise BadValue("token", f"“{text}”应写作 类型系统|类型代码|标识值")
    return OfTypeValue(*parts)


def _reference(p: Parameter, text: str, base: str) -> ReferenceValue:
    plain = unescape(text)
    place = base.rstrip("/") + "/"
    inside = plain.removeprefix(place) if base else plain
    resource_type, slash, rest = inside.partition("/")
    resource_id = rest.partition("/_history/")[0]
    if slash and resource_type in TYPE_CODES and ID_PATTERN.fullmatch(resource_id):
        return ReferenceValue(resource_type, resource_id)
    if ID_PATTERN.fullmatch(plain):
        return ReferenceValue(next(iter(p.targets)) if len(p.targets) == 1 else None, plain)
    if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:\S", plain):
        return ReferenceValue(url=plain)
    raise BadValue("reference", f"“{plain}”不是引用：应写作 id、类型/id 或完整的网址")


def _uri(modifier: str | None, text: str) -> UriValue:
    uri = unescape(text)
    if modifier in ("above", "below") and uri.startswith("urn:"):
        raise BadValue("uri", f"“{uri}”没有层级：:{modifier} 只用于网址，不用于 URN")
    return UriValue(uri)


def _prefix(text: str) -> tuple[Prefix, str]:
    for prefix in _PREFIXES:
        if text.startswith(prefix):
            return prefix, text[2:]
    if re.match("[A-Za-z]{2}", text):
        raise BadValue("prefix", f"“{text[:2]}”不是比较前缀：可用 {'、'.join(_PREFIXES)}")
    return "eq", text


def _with_plus(text: str) -> str:
    # A plus sign that was not percent-encoded arrives as a space.
    return unescape(text).replace(" ", "+")


def _date(text: str) -> DateValue:
    prefix, rest = _prefix(_with_plus(text))
    try:
        low, high = span(rest)
    except ValueError:
        raise BadValue("date", f"“{rest}”不是日期，或不是历法中的一天") from None
    return DateValue(prefix, low, high)


def _number(text: str, rule: str) -> NumberValue:
    prefix, rest = _prefix(_with_plus(text))
    if _NUMBER.fullmatch(rest) is None:
        raise BadValue(rule, f"“{rest}”不是数")
    value = Decimal(rest)
    if abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise BadValue(rule, f"“{rest}”大小超出范围")
    with localcontext(prec=2 * _LARGEST_EXPONENT):
        margin = abs(value) / 10 if prefix == "ap" else _half_a_digit(value)
        return NumberValue(prefix, value, value - margin, value + margin)


def _half_a_digit(value: Decimal) -> Decimal:
    exponent = int(value.as_tuple().exponent)
    # R4 3.1.1.4.8 gives 1e2 the range of 95 to 105: one digit more than is written.
    return Decimal(5).scaleb((exponent - 1 if exponent > 0 else exponent) - 1)


def _quantity(text: str) -> QuantityValue:
    match split(text, "|"):
        case [number]:
            return QuantityValue(_number(number, "quantity"), None, None)
        case [number, system, code]:
            return QuantityValue(
                _number(number, "quantity"), unescape(system) or None, unescape(code) or None
            )
    raise BadValue("quantity", f"“{text}”不是量：应写作 数、数||单位 或 数|单位系统|单位代码")


def _composite(p: Parameter, text: str, base: str) -> CompositeValue:
    parts = split(text, "$")
    if len(parts) != len(p.components) or not all(parts):
        names = "$".join(part.code for part in p.components)
        raise BadValue("composite", f"“{text}”应有 {len(p.components)} 部分：{names}")
    values: list[Value] = []
    for component, part in zip(p.components, parts, strict=True):
        value = read_value(component, None, part, base)
        if isinstance(value, TokenValue):
            value = normalised(component, value)[-1]
        values.append(value)
    return CompositeValue(tuple(values))


def print_value(value: Value) -> str:
    """One alternative of a value as it stands in a query, escaped."""
    match value:
        case TokenValue(system, code):
            return _joined(code or "") if system is None else _joined(system, code or "")
        case OfTypeValue(system, code, text):
            return _joined(system, code, text)
        case StringValue(text) | UriValue(text):
            return escape(text)
        case ReferenceValue(resource_type, resource_id, url):
            if url is not None:
                return escape(url)
            return f"{resource_type}/{resource_id}" if resource_type else str(resource_id)
        case DateValue(prefix, low, high):
            return _prefixed(prefix) + text_of(low, high)
        case NumberValue(prefix, number):
            return _prefixed(prefix) + str(number)
        case QuantityValue(number, system, code):
            if system is None and code is None:
                return print_value(number)
            return f"{print_value(number)}|{_joined(system or '', code or '')}"
        case CompositeValue(parts):
            return "$".join(map(print_value, parts))


def _joined(*parts: str) -> str:
    return "|".join(map(escape, parts))


def _prefixed(prefix: Prefix) -> str:
    return "" if prefix == "eq" else prefix
