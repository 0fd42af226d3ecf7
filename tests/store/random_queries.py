"""Random queries for a world of resources: values are taken from it, and changed a little."""

from collections.abc import Sequence
from random import Random
from typing import Any

from minkang.fhir import Resource
from minkang.fhir.search import Parameter
from minkang.fhir.search_parameters import parameters_of, value_types
from minkang.fhir.search_text import escape
from tests.fhir.naive_search import Node, composite_groups, nodes
from tests.store.random_resources import TYPES, UCUM

Pair = tuple[str, str]
Query = tuple[str, list[Pair]]

_PREFIXES = ("", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_ORDERED = ("eq", "gt", "lt", "ge", "le", "sa", "eb")
_NO_VALUE = frozenset({"phonetic", "near", "_query", "_content", "_text", "_filter", "_list"})


def shown(query: Query) -> str:
    """The query as one line, for messages."""
    kind, pairs = query
    return f"{kind}?" + "&".join(f"{name}={value}" for name, value in pairs)


class Queries:
    """Makes queries that hit something in a world, or just miss it."""

    def __init__(self, random: Random, resources: Sequence[Resource]) -> None:
        self._random = random
        self._of: dict[str, list[Resource]] = {kind: [] for kind in TYPES}
        for resource in resources:
            self._of[resource["resourceType"]].append(resource)
        self._known: dict[str, list[Parameter]] = {}

    def query(self) -> Query:
        """Conditions only: at least one, at most three."""
        kind = self._random.choice(TYPES)
        number = self._random.choice((1, 1, 2, 2, 3))
        return kind, [self._condition(kind, 2) for _ in range(number)]

    def common(self) -> list[Pair]:
        """Conditions that any type can be searched by."""
        codes = ("_id", "_lastUpdated", "_tag", "_profile", "_source")
        pairs = []
        for code in self._random.sample(codes, self._random.choice((1, 1, 2))):
            kind = self._random.choice([one for one, own in self._of.items() if own])
            p = parameters_of(kind)[code]
            modifier = self._modifier(p)
            value = self._value(p, modifier)
            if value:
                pairs.append((f"{code}:{modifier}" if modifier else code, value))
        return pairs

    def sort(self, kind: str) -> Pair:
        """`_sort` by one to three keys."""
        usable = [p for p in self._parameters(kind) if p.kind not in ("composite", "special")]
        number = min(len(usable), self._random.choice((1, 1, 1, 2, 3)))
        keys = self._random.sample(usable, number)
        return "_sort", ",".join(self._random.choice(("", "-")) + key.code for key in keys)

    def sort_by_time(self) -> Pair:
        """`_sort` by the time of the last change."""
        return "_sort", self._random.choice(("_lastUpdated", "-_lastUpdated"))

    def include(self, kind: str) -> Pair:
        """`_include` or `_revinclude`, with `:iterate` or not."""
        reverse = self._random.random() < 0.5
        iterate = self._random.random() < 0.4
        holder = self._random.choice(TYPES) if reverse or iterate else kind
        links = [p for p in self._parameters(holder) if p.kind == "reference"]
        if not links:
            return "_include", "*"
        link = self._random.choice(links)
        value = self._random.choice((f"{holder}:{link.code}", f"{holder}:{link.code}", "*"))
        if value != "*" and self._random.random() < 0.4:
            targets = sorted(link.targets & set(TYPES)) if link.targets else list(TYPES)
            value += f":{self._random.choice(targets)}" if targets else ""
        return ("_revinclude" if reverse else "_include") + (":iterate" if iterate else ""), value

    def _parameters(self, kind: str) -> list[Parameter]:
        """The parameters that have values in this world, and a few that have none."""
        if kind not in self._known:
            every = [
                p
                for p in parameters_of(kind).values()
                if p.kind != "special" and p.code not in _NO_VALUE
            ]
            live = [p for p in every if any(nodes(one, p) for one in self._of[kind])]
            rest = [p for p in every if p not in live]
            self._known[kind] = live + self._random.sample(rest, min(3, len(rest)))
        return self._known[kind]

    def _condition(self, kind: str, deeper: int) -> Pair:
        links = [p for p in self._parameters(kind) if p.kind == "reference"]
        form = self._random.random() if deeper else 1.0
        if form < 0.15 and links:
            link = self._random.choice(links)
            targets = sorted((link.targets or set(TYPES)) & set(TYPES))
            if targets:
                target = self._random.choice(targets)
                name, value = self._condition(target, deeper - 1)
                return f"{link.code}:{target}.{name}", value
        if form < 0.27:
            pointing = [
                (other, p.code)
                for other in TYPES
                for p in self._parameters(other)
                if p.kind == "reference" and (not p.targets or kind in p.targets)
            ]
            if pointing:
                other, code = self._random.choice(pointing)
                name, value = self._condition(other, deeper - 1)
                return f"_has:{other}:{code}:{name}", value
        return self._clause(kind)

    def _clause(self, kind: str) -> Pair:
        while True:
            p = self._random.choice(self._parameters(kind))
            if self._random.random() < 0.06:
                return f"{p.code}:missing", self._random.choice(("true", "false"))
            modifier = self._modifier(p)
            values = [self._value(p, modifier) for _ in range(self._random.choice((1, 1, 1, 2, 3)))]
            texts = [value for value in values if value]
            if texts:
                return f"{p.code}:{modifier}" if modifier else p.code, ",".join(texts)

    def _modifier(self, p: Parameter) -> str:
        if self._random.random() < 0.6 or p.code in ("_id", "_lastUpdated"):
            return ""
        match p.kind:
            case "string":
                return self._random.choice(("exact", "contains"))
            case "token":
                types = value_types(p.type, p.code)
                return self._random.choice(
                    ("not", "not", "text", *(["of-type"] if "Identifier" in types else []))
                )
            case "reference":
                # Of `patient` an identifier alone does not tell whether it is a Patient's.
                narrowed = any(stored.targets is not None for stored in p.stored)
                return "" if narrowed else self._random.choice(("identifier", ""))
            case "uri":
                return self._random.choice(("below", "above"))
        return ""

    def _node(self, p: Parameter) -> Node | None:
        """Any value of the parameter in this world."""
        found = [node for one in self._of[p.type] for node in nodes(one, p)]
        return self._random.choice(found) if found else None

    def _value(self, p: Parameter, modifier: str) -> str:
        """A value to ask for; "" if there is none to be made."""
        node = self._node(p)
        if node is None:
            return ""
        if p.kind == "composite":
            return self._composite(p)
        return self._of_node(p, node, modifier)

    def _of_node(self, p: Parameter, node: Node, modifier: str) -> str:
        match p.kind:
            case "token":
                return self._token(node, modifier)
            case "string":
                return escape(self._part(self._texts(node)))
            case "reference":
                return self._reference(p, node, modifier)
            case "uri":
                return self._uri(node.value, modifier)
            case "date":
                return self._date(p, node)
            case "number":
                return self._number(str(node.value))
            case "quantity":
                return self._quantity(node)
        raise AssertionError(p.kind)

    def _composite(self, p: Parameter) -> str:
        groups = [group for one in self._of[p.type] for group in composite_groups(one, p)]
        group = self._random.choice(groups)
        parts = [
            self._of_node(part, self._random.choice(found), "") if found else ""
            for part, found in zip(p.components, group, strict=True)
        ]
        # A system alone is nothing that a part of a composite can be asked for by.
        return "$".join(parts) if all(part and part[-1] != "|" for part in parts) else ""

    def _token(self, node: Node, modifier: str) -> str:
        value = node.value
        match node.type:
            case "CodeableConcept":
                pairs = [(c.get("system"), c.get("code")) for c in value.get("coding", [])]
                texts = [c.get("display") for c in value.get("coding", [])] + [value.get("text")]
            case "Coding":
                pairs, texts = [(value.get("system"), value.get("code"))], [value.get("display")]
            case "Identifier":
                pairs = [(value.get("system"), value.get("value"))]
                texts = [value.get("type", {}).get("text")]
            case "ContactPoint":
                pairs, texts = [(None, value.get("value"))], []
            case "boolean":
                return "true" if value else "false"
            case _:
                pairs, texts = [(None, value)], []
        if modifier == "text":
            return escape(self._part([text for text in texts if text]))
        if modifier == "of-type":
            code = self._random.choice(("MR", "MR", "XX"))
            return f"urn:types|{code}|{escape(value.get('value', '1'))}"
        if not pairs:
            return ""
        system, code = self._random.choice(pairs)
        return self._printed_token(system, code)

    def _printed_token(self, system: str | None, code: str | None) -> str:
        if code is None:
            return f"{escape(system)}|" if system else ""
        given, plain = escape(system or ""), escape(code)
        return self._random.choice((plain, f"{given}|{plain}", f"|{plain}", f"urn:x|{plain}"))

    def _texts(self, node: Node) -> list[str]:
        if not isinstance(node.value, dict):
            return [node.value]
        texts: list[str] = []
        for key, value in node.value.items():
            if key not in ("use", "type", "period"):
                texts += value if isinstance(value, list) else [value]
        return texts

    def _part(self, texts: Sequence[str]) -> str:
        """A text, its beginning or its middle, in any case."""
        if not texts:
            return ""
        text = self._random.choice(texts)
        begin = self._random.choice((0, 0, 0, self._random.randrange(len(text))))
        end = self._random.choice((len(text), self._random.randint(begin + 1, len(text))))
        part = text[begin:end].strip() or text
        return self._random.choice((part, part, part.upper(), part.lower()))

    def _reference(self, p: Parameter, node: Node, modifier: str) -> str:
        if modifier == "identifier":
            own = node.value.get("identifier") if isinstance(node.value, dict) else None
            return self._printed_token(own.get("system"), own.get("value")) if own else "1"
        text = node.value.get("reference", "") if node.type == "Reference" else str(node.value)
        plain = text.partition("/_history/")[0]
        if not plain:
            return ""
        if ":" in plain:
            return escape(plain)
        return self._random.choice((plain, plain, plain.rpartition("/")[2]))

    def _uri(self, uri: str, modifier: str) -> str:
        if uri.startswith("urn:") and modifier:
            uri = "http://minkang.example/vs/one"
        if modifier == "below":
            uri = self._random.choice((uri, uri.rpartition("/")[0], uri[:-1]))
        if modifier == "above":
            uri = self._random.choice((uri, f"{uri}/more", f"{uri}x"))
        return escape(uri)

    def _date(self, p: Parameter, node: Node) -> str:
        texts = [node.value] if isinstance(node.value, str) else _dates_of(node.value)
        text = self._random.choice(texts)
        if len(text) > 10 and self._random.random() < 0.3:
            text = text[:16] + text[19:].lstrip(".0123456789")
        text = text[: self._random.choice((4, 7, 10, 99, 99, 99))]
        prefixes = _ORDERED if p.code == "_lastUpdated" else _PREFIXES
        return self._random.choice(prefixes) + text

    def _number(self, text: str) -> str:
        return self._random.choice(_PREFIXES) + self._random.choice((text, f"{text}0", "1e1"))

    def _quantity(self, node: Node) -> str:
        value: dict[str, Any] = node.value
        if "value" not in value:
            value = value.get("low", {"value": 1})
        number = self._number(str(value["value"]).split("E")[0])
        unit, system, code = (value.get(key, "") for key in ("unit", "system", "code"))
        forms = [number, number]
        if code or unit:
            forms += [f"{number}||{code or unit}", f"{number}||{unit or code}"]
        if system:
            forms += [f"{number}|{system}|{code}"]
            other = self._random.choice(("mg", "g", "ug", "kg", "mmol/L"))
            forms += [f"{number}|{UCUM}|{other}"]
        return self._random.choice(forms)


def _dates_of(value: dict[str, Any]) -> list[str]:
    """The dates inside a Period or a Timing."""
    if "event" in value:
        return list(value["event"])
    return [value[key] for key in ("start", "end") if key in value] or ["2024"]
