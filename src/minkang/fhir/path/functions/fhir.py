"""What FHIR R4 adds to the language (FHIR R4, FHIRPath page, 2.9.1).

`elementDefinition`, `slice`, `subsumes` and `subsumedBy` are left out: no profiles and no code
systems are at hand here.
"""

from html.parser import HTMLParser
from typing import Any

from minkang.fhir.path.environment import Environment, Items
from minkang.fhir.path.error import failure
from minkang.fhir.path.functions.function import Function
from minkang.fhir.path.model import is_primitive, is_subtype, is_type, root_type
from minkang.fhir.path.navigation import member_step
from minkang.fhir.path.values import Node, single_text, system

_STRUCTURES = "http://hl7.org/fhir/StructureDefinition/"


def _itself(this: Items, _env: Environment) -> Items:
    return this


_extensions = member_step(_itself, "extension")


def _extension(env: Environment, items: Items, url: Items) -> Items:
    wanted = single_text(url)
    if wanted is None:
        return []
    return [node for node in _extensions(items, env) if node.value.get("url") == wanted]


def _is_value(item: Any) -> bool:
    if type(item) is not Node:
        return True
    return item.value is not None and (is_primitive(item.type) or type(item.value) is not dict)


def _has_value(_env: Environment, items: Items) -> Items:
    return [len(items) == 1 and _is_value(items[0])]


def _get_value(_env: Environment, items: Items) -> Items:
    return [system(items[0])] if len(items) == 1 and _is_value(items[0]) else []


def _resolve(env: Environment, items: Items) -> Items:
    found: Items = []
    for item in items:
        text = _target(item)
        node = None if text is None else _found(env, text)
        if node is not None:
            found.append(node)
    return found


def _target(item: Any) -> str | None:
    value = item.value if type(item) is Node else item
    if type(value) is dict:
        value = value.get("reference")
    return value if type(value) is str else None


def _found(env: Environment, reference: str) -> Node | None:
    root = env.root.value
    if reference == "#":
        return env.root
    if reference.startswith("#"):
        for inner in root.get("contained") or ():
            if type(inner) is dict and inner.get("id") == reference[1:]:
                return Node(inner, root_type(inner))
        return None
    if env.root.type == "Bundle":
        for entry in root.get("entry") or ():
            resource = entry.get("resource") if type(entry) is dict else None
            if type(resource) is dict and _is_called(entry, resource, reference):
                return Node(resource, root_type(resource))
    resource = env.resolve(reference) if env.resolve is not None else None
    return None if resource is None else Node(resource, root_type(resource))


def _is_called(entry: dict[str, Any], resource: dict[str, Any], reference: str) -> bool:
    local = f"{resource.get('resourceType')}/{resource.get('id')}"
    return reference in (entry.get("fullUrl"), local)


def reference_type(env: Environment, item: Any) -> str | None:
    """The type of the resource that a reference points to, without fetching it.

    From the contained resource, from `Type/id` at the end of the reference, or from
    `Reference.type`; None where none of them tells.
    """
    text = _target(item)
    if text is not None:
        if text.startswith("#"):
            node = _found(env, text)
            return node.type if node else None
        for part in reversed(text.partition("/_history/")[0].split("/")[:-1]):
            return part if is_subtype(part, "Resource") else None
    value = item.value if type(item) is Node else None
    kind = value.get("type") if type(value) is dict else None
    return kind if type(kind) is str else None


def _member_of(env: Environment, items: Items, value_set: Items) -> Items:
    url = single_text(value_set)
    if url is None or not items:
        return []
    if env.member_of is None:
        raise failure("memberOf() needs a terminology service")
    if len(items) > 1:
        raise failure(f"one item is expected, not {len(items)}")
    item = items[0]
    node = item if type(item) is Node else Node(system(item), "string")
    found = env.member_of(node.value, node.type or "Element", url)
    return [] if found is None else [found]


def _conforms_to(_env: Environment, items: Items, structure: Items) -> Items:
    """Only the structures of R4's own types are known; a profile is an error."""
    url = single_text(structure)
    if url is None or len(items) != 1:
        return []
    name = url.removeprefix(_STRUCTURES)
    if name == url or not is_type(name):
        raise failure(f"the structure {url!r} is not known")
    item = items[0]
    return [type(item) is Node and is_subtype(item.type, name)]


_modifiers = member_step(_itself, "modifierExtension")


def _check_modifiers(env: Environment, items: Items, *known: Items) -> Items:
    urls = {single_text(url) for url in known}
    for extension in _modifiers(items, env):
        if extension.value.get("url") not in urls:
            raise failure(f"the modifier extension {extension.value.get('url')!r} is not known")
    return items


_TAGS = frozenset(
    """
    a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn
    div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q samp small span strong style
    sub sup table tbody td tfoot th thead tr tt ul var
    """.split()
)


class _Narrative(HTMLParser):
    """Whether only formatting is in a narrative, and whether there is any content (2.4.0)."""

    def __init__(self) -> None:
        super().__init__()
        self.clean = True
        self.content = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.content = self.content or tag == "img"
        self.clean = self.clean and tag in _TAGS
        for name, value in attrs:
            script = (value or "").strip().lower().startswith("javascript:")
            if name.startswith("on") or script:
                self.clean = False

    def handle_data(self, data: str) -> None:
        self.content = self.content or bool(data.strip())


def _html_checks(_env: Environment, items: Items) -> Items:
    if not items:
        return []
    text = system(items[0])
    if len(items) != 1 or type(text) is not str:
        return [False]
    narrative = _Narrative()
    narrative.feed(text)
    narrative.close()
    begins = text.lstrip().startswith("<div")
    return [begins and narrative.clean and narrative.content]


FUNCTIONS = {
    "extension": Function(_extension, 1, 1),
    "hasValue": Function(_has_value),
    "getValue": Function(_get_value),
    "resolve": Function(_resolve),
    "memberOf": Function(_member_of, 1, 1),
    "conformsTo": Function(_conforms_to, 1, 1),
    "checkModifiers": Function(_check_modifiers, 1, 50),
    "htmlChecks": Function(_html_checks),
}
