"""An XML element as the mappings see it: local names, plain strings, its place in the file."""

from collections.abc import Iterator

XSI_TYPE = "xsi:type"
"""The name under which `xsi:type` stands among the attributes."""


class Element:
    """An element of a document that was read; made by `read_document` only.

    Attributes:
        name: without namespace: senders leave it out, or bind it to what they like.
        attributes: by local name, trimmed; `xsi:type` under that name.
        text: its own text, trimmed; of mixed content what lies directly in it.
        line: where it begins, from 1.
    """

    __slots__ = ("attributes", "children", "line", "name", "parent", "text")

    def __init__(
        self, name: str, attributes: dict[str, str], line: int, parent: "Element | None"
    ) -> None:
        self.name = name
        self.attributes = attributes
        self.text = ""
        self.line = line
        self.parent = parent
        self.children: list[Element] = []

    def get(self, attribute: str) -> str:
        """An attribute, trimmed; empty if it is not there."""
        return self.attributes.get(attribute, "")

    def all(self, *path: str) -> list["Element"]:
        """All elements at a path of names below this one, in document order."""
        if not path:
            return [self]
        first, *rest = path
        found = [child for child in self.children if child.name == first]
        for name in rest:
            found = [child for one in found for child in one.children if child.name == name]
        return found

    def first(self, *path: str) -> "Element | None":
        """The first element at a path of names below this one."""
        if len(path) == 1:
            name = path[0]
            for child in self.children:
                if child.name == name:
                    return child
            return None
        return next(iter(self.all(*path)), None)

    def below(self, name: str) -> Iterator["Element"]:
        """Every element of a name at any depth below this one, in document order."""
        return (one for one in self.walk() if one.name == name and one is not self)

    def walk(self) -> Iterator["Element"]:
        """This element and all below it, in document order."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting += reversed(one.children)

    def path(self) -> str:
        """XPath without namespaces; a position is written only where there are several."""
        steps = []
        one: Element | None = self
        while one is not None:
            steps.append(one.name + _position(one))
            one = one.parent
        return "/" + "/".join(reversed(steps))

    def place(self, attribute: str = "") -> str:
        """Where it, or an attribute of it, is in the document: XPath and line."""
        at = f"/@{attribute}" if attribute else ""
        return f"{self.path()}{at} 第 {self.line} 行"


def _position(element: Element) -> str:
    if element.parent is None:
        return ""
    same = [one for one in element.parent.children if one.name == element.name]
    if len(same) == 1:
        return ""
    return f"[{next(n for n, one in enumerate(same, 1) if one is element)}]"
