"""The tree of organisations in memory: what lies within and above one, asked in microseconds."""

from collections.abc import Iterable

from minkang.accounts.organisations import Organisation
from minkang.store import Pool


class Tree:
    """Organisations by id, as they stood at one moment. Nothing of it changes."""

    def __init__(self, organisations: Iterable[Organisation], number: int = 0) -> None:
        self.number = number
        """The number of the last change that it knows."""
        self._by_id = {one.id: one for one in organisations}
        self._children: dict[str, list[str]] = {}
        for one in self._by_id.values():
            if one.parent is not None:
                self._children.setdefault(one.parent, []).append(one.id)
        self._within: dict[str, frozenset[str]] = {}

    def get(self, organisation: str) -> Organisation | None:
        """The organisation with this id, if it is there."""
        return self._by_id.get(organisation)

    def all(self) -> tuple[Organisation, ...]:
        """All organisations."""
        return tuple(self._by_id.values())

    def below(self, organisation: str | None) -> tuple[str, ...]:
        """Ids of those directly below it; of None: those with nothing above them."""
        if organisation is not None:
            return tuple(self._children.get(organisation, ()))
        return tuple(one.id for one in self._by_id.values() if one.parent not in self._by_id)

    def within(self, organisation: str) -> frozenset[str]:
        """Its id and those of all below it, at any depth; an unknown one is alone."""
        known = self._within.get(organisation)
        if known is None:
            found, ahead = {organisation}, [organisation]
            while ahead:
                for child in self._children.get(ahead.pop(), ()):
                    if child not in found:
                        found.add(child)
                        ahead.append(child)
            known = self._within[organisation] = frozenset(found)
        return known

    def above(self, organisation: str) -> tuple[str, ...]:
        """Ids of those above it, the nearest first."""
        found: list[str] = []
        one = self._by_id.get(organisation)
        while one is not None and one.parent is not None and one.parent not in found:
            found.append(one.parent)
            one = self._by_id.get(one.parent)
        return tuple(found)

    def institution_of(self, organisation: str) -> str | None:
        """Itself, or the institution that a department or team belongs to."""
        one = self._by_id.get(organisation)
        return one.institution if one else None

    def name(self, organisation: str) -> str:
        """What it is called; an unknown one by its id."""
        one = self._by_id.get(organisation)
        return one.name if one else organisation


class Directory:
    """A tree that is read anew when it was changed; one for a process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._tree = Tree(())

    async def fresh(self) -> Tree:
        """The tree as it stands now: one small query, and all of it only after a change."""
        number = await self._pool.fetchval("select number from accounts.tree_change")
        if number != self._tree.number:
            self._tree = await read_tree(self._pool)
        return self._tree

    def within(self, organisation: str) -> frozenset[str]:
        """`Tree.within` of the tree read last."""
        return self._tree.within(organisation)

    def above(self, organisation: str) -> tuple[str, ...]:
        """`Tree.above` of the tree read last."""
        return self._tree.above(organisation)

    def institution_of(self, organisation: str) -> str | None:
        """`Tree.institution_of` of the tree read last."""
        return self._tree.institution_of(organisation)

    def name(self, organisation: str) -> str:
        """`Tree.name` of the tree read last."""
        return self._tree.name(organisation)


async def read_tree(pool: Pool) -> Tree:
    """The tree of the database, with the number of its last change."""
    rows = await pool.fetch(
        """
        select o.id, o.name, o.kind, o.level, o.parent, o.division, o.credit_code, o.institution,
            o.ends, c.number
        from accounts.tree_change c left join accounts.organisation o on true
        order by o.id
        """
    )
    found = [
        Organisation(**{name: row[name] for name in Organisation.__struct_fields__})
        for row in rows
        if row["id"] is not None
    ]
    return Tree(found, rows[0]["number"] if rows else 0)
