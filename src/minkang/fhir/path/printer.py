"""A syntax tree back into text, with no more parentheses than it needs."""

from minkang.fhir.path.syntax import (
    NAMES_TOO,
    POLARITY,
    POSTFIX,
    PRECEDENCE,
    RESERVED,
    Binary,
    BooleanLiteral,
    Call,
    Empty,
    Expression,
    Index,
    Invoke,
    Member,
    NumberLiteral,
    Polarity,
    QuantityLiteral,
    SortKey,
    Special,
    StringLiteral,
    TemporalLiteral,
    TypeTest,
    Variable,
)

_ESCAPES = {"\\": "\\\\", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def to_text(node: Expression) -> str:
    """The expression that gives this tree when it is parsed."""
    match node:
        case Empty():
            return "{}"
        case BooleanLiteral(value=value):
            return "true" if value else "false"
        case StringLiteral(value=text):
            return _quoted(text, "'")
        case NumberLiteral(text=text) | TemporalLiteral(text=text):
            return text
        case QuantityLiteral(number=number, unit=unit, quoted=quoted):
            return f"{number} {_quoted(unit, chr(39)) if quoted else unit}"
        case Member(name=name):
            return _name(name)
        case Special(name=name):
            return f"${name}"
        case Variable(name=name):
            return f"%{_name(name)}"
        case Call(name=name, arguments=arguments):
            return f"{_name(name)}({', '.join(to_text(argument) for argument in arguments)})"
        case Invoke(source=source, target=target):
            return f"{_operand(source, POSTFIX)}.{to_text(target)}"
        case Index(source=source, index=index):
            return f"{_operand(source, POSTFIX)}[{to_text(index)}]"
        case Polarity(sign=sign, operand=operand):
            return f"{sign}{_operand(operand, POLARITY)}"
        case SortKey(operand=operand, descending=descending):
            return f"{to_text(operand)} {'desc' if descending else 'asc'}"
        case TypeTest(operator=operator, operand=operand, type=parts):
            place = _operand(operand, PRECEDENCE[operator])
            return f"{place} {operator} {'.'.join(_name(part) for part in parts)}"
        case Binary(operator=operator, left=left, right=right):
            level = PRECEDENCE[operator]
            return f"{_operand(left, level)} {operator} {_operand(right, level + 1)}"


def _operand(node: Expression, least: int) -> str:
    text = to_text(node)
    return text if _level(node) >= least else f"({text})"


def _level(node: Expression) -> int:
    match node:
        case Binary(operator=operator) | TypeTest(operator=operator):
            return PRECEDENCE[operator]
        case Polarity():
            return POLARITY
        case _:
            return POSTFIX


def _name(name: str) -> str:
    plain = name.isascii() and name.isidentifier()
    if plain and name not in RESERVED and name not in NAMES_TOO:
        return name
    return _quoted(name, "`")


def _quoted(text: str, quote: str) -> str:
    escaped = "".join(_ESCAPES.get(c, c) for c in text).replace(quote, f"\\{quote}")
    return f"{quote}{escaped}{quote}"
