"""A syntax tree into closures: what can be decided once is decided here."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from minkang.fhir.path import temporal
from minkang.fhir.path.arithmetic import (
    add,
    concatenate,
    divide,
    divide_whole,
    multiply,
    negate,
    plus,
    remainder,
    subtract,
)
from minkang.fhir.path.comparison import (
    distinct,
    equal_collections,
    equivalent_collections,
    key,
    order,
)
from minkang.fhir.path.environment import Environment, Evaluator, Items
from minkang.fhir.path.error import PathError, failure
from minkang.fhir.path.forms import (
    FORMS,
    resolved_type_test,
    type_filter,
    type_test,
)
from minkang.fhir.path.functions import FUNCTIONS
from minkang.fhir.path.model import is_subtype
from minkang.fhir.path.navigation import member_step, root_step
from minkang.fhir.path.quantity import UCUM, Quantity
from minkang.fhir.path.syntax import (
    At,
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
from minkang.fhir.path.types import tester
from minkang.fhir.path.values import single_integer, truth

_MAX_DIGITS = 60

_CODE_SYSTEMS = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "ucum": UCUM,
}
_VALUE_SETS = "http://hl7.org/fhir/ValueSet/"
_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/"


def _itself(this: Items, _env: Environment) -> Items:
    return this


def _constant(*items: Any) -> Evaluator:
    found = list(items)
    return lambda _this, _env: found


class Compiler:
    """Compiles the nodes of one tree.

    Attributes:
        strict: `as` of several items is an error.
        located: errors of evaluation tell the place of the innermost call or operator. It costs
            a Python call each, so that a path is only compiled this way after it failed.
    """

    def __init__(self, *, strict: bool, located: bool = False) -> None:
        self.strict = strict
        self.located = located

    def _placed(self, evaluate: Evaluator, position: int) -> Evaluator:
        return _located(evaluate, position) if self.located else evaluate

    def compile(self, node: Expression) -> Evaluator:
        """What evaluates a whole path or operation.

        Raises:
            PathError: an unknown function or type, a wrong number of arguments, no such date.
        """
        evaluate = self._compile(node)
        if _defines_variable(node):
            return _with_own_variables(evaluate)
        if not isinstance(node, Variable) and _is_fixed(node):
            return _once(evaluate)
        return evaluate

    def _compile(self, node: Expression) -> Evaluator:
        match node:
            case Member(name=name):
                return root_step(name) if name[:1].isupper() else member_step(_itself, name)
            case Invoke(source=source, target=target):
                return self._invoked(self._compile(source), target)
            case Call():
                return self._call(_itself, node)
            case Index(source=source, index=index):
                return self._placed(
                    _indexed(self._compile(source), self.compile(index)), node.at.offset
                )
            case Special():
                return _special(node)
            case Variable():
                return self._placed(_variable(node), node.at.offset)
            case Polarity(sign=sign, operand=operand):
                call = plus if sign == "+" else negate
                return self._placed(_unary(call, self.compile(operand)), node.at.offset)
            case TypeTest():
                return self._type_test(node)
            case Binary(operator=operator, left=left, right=right):
                build = _OPERATORS[operator]
                if operator == "in" and _is_fixed(right):
                    build = _fixed_membership
                return self._placed(build(self.compile(left), self.compile(right)), node.at.offset)
            case SortKey():
                raise PathError("syntax", "a direction only stands in sort()", node.at.offset)
            case _:
                return _literal(node)

    def _invoked(self, source: Evaluator, target: Member | Special | Call) -> Evaluator:
        match target:
            case Member(name=name):
                return member_step(source, name)
            case Call():
                return self._call(source, target)
            case Special():
                raise PathError("syntax", f"${target.name} can't follow a point", target.at.offset)

    def _call(self, source: Evaluator, call: Call) -> Evaluator:
        name, given, place = call.name, len(call.arguments), call.at.offset
        known = FORMS.get(name) or FUNCTIONS.get(name)
        if known is None:
            raise PathError("semantic", f"there is no function {name}()", place)
        if not known.least <= given <= known.most:
            raise PathError("semantic", f"{name}() is given {given} arguments", place)
        form = FORMS.get(name)
        if form is not None:
            return self._placed(form.build(self, source, call), place)
        function = FUNCTIONS[name].call
        arguments = [self.compile(argument) for argument in call.arguments]
        if not arguments:
            return self._placed(lambda this, env: function(env, source(this, env)), place)
        if len(arguments) == 1:
            first = arguments[0]
            return self._placed(
                lambda this, env: function(env, source(this, env), first(this, env)), place
            )
        return self._placed(
            lambda this, env: function(
                env, source(this, env), *[argument(this, env) for argument in arguments]
            ),
            place,
        )

    def _type_test(self, node: TypeTest) -> Evaluator:
        place = node.at.offset
        tested = tester(node.type, place)
        if node.operator == "as":
            found = type_filter(self, self.compile(node.operand), tested, one=True)
            return self._placed(found, place)
        match node.operand:
            case Call(name="resolve", arguments=()) if is_subtype(node.type[-1], "Resource"):
                return self._placed(resolved_type_test(_itself, node.type[-1]), place)
            case Invoke(source=source, target=Call(name="resolve", arguments=())) if is_subtype(
                node.type[-1], "Resource"
            ):
                return self._placed(resolved_type_test(self._compile(source), node.type[-1]), place)
            case operand:
                return self._placed(type_test(self.compile(operand), tested), place)


def _located(evaluate: Evaluator, position: int) -> Evaluator:
    """Errors of evaluation get the place of the innermost call or operator."""

    def located(this: Items, env: Environment) -> Items:
        try:
            return evaluate(this, env)
        except PathError as error:
            if error.position is None:
                error.position = position
            raise

    return located


def _defines_variable(node: Expression) -> bool:
    """Whether `defineVariable` is a step of this path itself, not of an argument."""
    while True:
        match node:
            case Invoke(source=source, target=target):
                if isinstance(target, Call) and target.name == "defineVariable":
                    return True
                node = source
            case Index(source=source):
                node = source
            case Call(name=name):
                return name == "defineVariable"
            case _:
                return False


_FIXED_VARIABLES = frozenset(["resource", "rootResource", "context"])
_FIXED_CALLS = frozenset(["descendants", "children", "ofType", "as", "first", "count", "exists"])


def _is_fixed(node: Expression) -> bool:
    """Whether a part says the same wherever it stands: steps from %resource, and unions of them.

    `dom-3` asks for `%resource.descendants()` once for each contained resource.
    """
    match node:
        case Variable(name=name):
            return name in _FIXED_VARIABLES
        case Invoke(source=source, target=Member()):
            return _is_fixed(source)
        case Invoke(source=source, target=Call(name=name, arguments=arguments)):
            plain = not arguments or name in ("ofType", "as")
            return plain and name in _FIXED_CALLS and _is_fixed(source)
        case TypeTest(operand=operand):
            return _is_fixed(operand)
        case Binary(operator="|", left=left, right=right):
            return _is_fixed(left) and _is_fixed(right)
        case _:
            return False


def _once(evaluate: Evaluator) -> Evaluator:
    mark = id(evaluate)

    def fixed(this: Items, env: Environment) -> Items:
        found = env.memo.get(mark)
        if found is None:
            found = env.memo[mark] = evaluate(this, env)
        return found

    return fixed


def _with_own_variables(evaluate: Evaluator) -> Evaluator:
    def path(this: Items, env: Environment) -> Items:
        outer = env.variables
        try:
            return evaluate(this, env)
        finally:
            env.variables = outer

    return path


def _literal(node: Expression) -> Evaluator:
    match node:
        case Empty():
            return _constant()
        case BooleanLiteral(value=value):
            return _constant(value)
        case StringLiteral(value=text):
            return _constant(text)
        case NumberLiteral(text=text):
            return _constant(_number(text, node.at))
        case QuantityLiteral(number=number, unit=unit):
            return _constant(Quantity(Decimal(_number(number, node.at)), unit))
        case TemporalLiteral(text=text):
            return _constant(_temporal(text, node.at))
        case _:
            raise PathError("syntax", "not a value", node.at.offset)


def _number(text: str, at: At) -> int | Decimal:
    if len(text) > _MAX_DIGITS:
        raise PathError("syntax", f"a number of more than {_MAX_DIGITS} digits", at.offset)
    return Decimal(text) if "." in text else int(text)


def _temporal(text: str, at: At) -> temporal.Temporal:
    if text[1] == "T":
        found = temporal.time(text[2:])
    else:
        found = temporal.date_time(text[1:]) if "T" in text else temporal.date(text[1:])
        if found is None and text.endswith("T"):
            found = temporal.date_time(text[1:-1])
    if found is None:
        raise PathError("semantic", f"{text} is not in the calendar or on the clock", at.offset)
    return found if text[1] == "T" or "T" not in text else temporal.as_date_time(found)


def _special(node: Special) -> Evaluator:
    match node.name:
        case "this":
            return _itself
        case "index":
            return lambda _this, env: [] if env.index is None else [env.index]
        case "total":
            return lambda _this, env: env.total


def _variable(node: Variable) -> Evaluator:
    name = node.name
    match name:
        case "context":
            return lambda _this, env: [env.context]
        case "resource":
            return lambda _this, env: [env.resource]
        case "rootResource":
            return lambda _this, env: [env.root]
    fixed = _CODE_SYSTEMS.get(name)
    if fixed is None and name.startswith("vs-"):
        fixed = _VALUE_SETS + name[3:]
    if fixed is None and name.startswith("ext-"):
        fixed = _EXTENSIONS + name[4:]

    def given(_this: Items, env: Environment) -> Items:
        if name not in env.variables:
            if fixed is not None:
                return [fixed]
            raise failure(f"the variable %{name} is not defined")
        value = env.variables[name]
        if value is None:
            return []
        return value if type(value) is list else [value]

    return given


def _indexed(source: Evaluator, index: Evaluator) -> Evaluator:
    def indexed(this: Items, env: Environment) -> Items:
        place = single_integer(index(this, env))
        if place is None or place < 0:
            return []
        return source(this, env)[place : place + 1]

    return indexed


def _unary(call: Callable[[Items], Items], operand: Evaluator) -> Evaluator:
    return lambda this, env: call(operand(this, env))


_YES, _NO, _UNKNOWN = [True], [False], list[Any]()
"""Answers, shared: collections are never changed."""


def _answer(value: bool | None) -> Items:
    return _UNKNOWN if value is None else _YES if value else _NO


def _and(left: Evaluator, right: Evaluator) -> Evaluator:
    def both(this: Items, env: Environment) -> Items:
        first = truth(left(this, env))
        if first is False:
            return _NO
        second = truth(right(this, env))
        if second is False:
            return _NO
        return _UNKNOWN if first is None or second is None else _YES

    return both


def _or(left: Evaluator, right: Evaluator) -> Evaluator:
    def either(this: Items, env: Environment) -> Items:
        first = truth(left(this, env))
        if first:
            return _YES
        second = truth(right(this, env))
        if second:
            return _YES
        return _UNKNOWN if first is None or second is None else _NO

    return either


def _xor(left: Evaluator, right: Evaluator) -> Evaluator:
    def one(this: Items, env: Environment) -> Items:
        first, second = truth(left(this, env)), truth(right(this, env))
        return _UNKNOWN if first is None or second is None else _answer(first != second)

    return one


def _implies(left: Evaluator, right: Evaluator) -> Evaluator:
    def implied(this: Items, env: Environment) -> Items:
        first = truth(left(this, env))
        if first is False:
            return _YES
        second = truth(right(this, env))
        if second:
            return _YES
        return _UNKNOWN if first is None or second is None else _NO

    return implied


def _equality(left: Evaluator, right: Evaluator) -> Evaluator:
    def equals(this: Items, env: Environment) -> Items:
        return _answer(equal_collections(left(this, env), right(this, env)))

    return equals


def _inequality(left: Evaluator, right: Evaluator) -> Evaluator:
    def differs(this: Items, env: Environment) -> Items:
        same = equal_collections(left(this, env), right(this, env))
        return _answer(None if same is None else not same)

    return differs


def _in_order(fits: Callable[[int], bool]) -> Callable[[Evaluator, Evaluator], Evaluator]:
    def build(left: Evaluator, right: Evaluator) -> Evaluator:
        def compared(this: Items, env: Environment) -> Items:
            mine, other = left(this, env), right(this, env)
            if not mine or not other:
                return _UNKNOWN
            if len(mine) > 1 or len(other) > 1:
                raise failure("only one item can be compared with one other")
            found = order(mine[0], other[0])
            return _UNKNOWN if found is None else _answer(fits(found))

        return compared

    return build


def _membership(item: Evaluator, collection: Evaluator) -> Evaluator:
    def member(this: Items, env: Environment) -> Items:
        one, many = item(this, env), collection(this, env)
        if not one:
            return _UNKNOWN
        if len(one) > 1:
            raise failure(f"one item is expected, not {len(one)}")
        wanted = key(one[0])
        return _answer(any(key(other) == wanted for other in many))

    return member


def _fixed_membership(item: Evaluator, collection: Evaluator) -> Evaluator:
    """`in` a collection that is the same for every item asked about."""
    mark = id(collection)

    def member(this: Items, env: Environment) -> Items:
        one = item(this, env)
        if not one:
            return _UNKNOWN
        if len(one) > 1:
            raise failure(f"one item is expected, not {len(one)}")
        found = env.memo.get(-mark)
        if found is None:
            found = env.memo[-mark] = [{key(other) for other in collection(this, env)}]
        return _answer(key(one[0]) in found[0])

    return member


def _on_collections(
    call: Callable[[Items, Items], Items],
) -> Callable[[Evaluator, Evaluator], Evaluator]:
    def build(left: Evaluator, right: Evaluator) -> Evaluator:
        return lambda this, env: call(left(this, env), right(this, env))

    return build


def _making_texts(
    call: Callable[[Items, Items], Items],
) -> Callable[[Evaluator, Evaluator], Evaluator]:
    def build(left: Evaluator, right: Evaluator) -> Evaluator:
        def made(this: Items, env: Environment) -> Items:
            found = call(left(this, env), right(this, env))
            if found and type(found[0]) is str:
                env.made(found[0])
            return found

        return made

    return build


_OPERATORS: dict[str, Callable[[Evaluator, Evaluator], Evaluator]] = {
    "and": _and,
    "or": _or,
    "xor": _xor,
    "implies": _implies,
    "=": _equality,
    "!=": _inequality,
    "~": _on_collections(lambda left, right: _answer(equivalent_collections(left, right))),
    "!~": _on_collections(lambda left, right: _answer(not equivalent_collections(left, right))),
    "<": _in_order(lambda found: found < 0),
    "<=": _in_order(lambda found: found <= 0),
    ">": _in_order(lambda found: found > 0),
    ">=": _in_order(lambda found: found >= 0),
    "in": _membership,
    "contains": lambda left, right: _membership(right, left),
    "|": _on_collections(lambda left, right: distinct([*left, *right])),
    "+": _making_texts(add),
    "-": _on_collections(subtract),
    "&": _making_texts(concatenate),
    "*": _on_collections(multiply),
    "/": _on_collections(divide),
    "div": _on_collections(divide_whole),
    "mod": _on_collections(remainder),
}
