"""The walk along one writer's rows: does each follow from the one before?"""

from collections.abc import Sequence
from uuid import UUID

from minkang.audit.entry import Begun, Head, first_link, link_of
from minkang.audit.verification import Findings

_REMEMBERED = 16  # links kept to find the way on behind a row that doesn't fit


class Chain:
    """The walk along one writer's rows.

    A row fits if its mac follows from one of the links before it. Behind a row that doesn't fit,
    both its stored and its computed mac are tried, so that one altered row is one fault.

    `before` is the number before the first row to come, `links` the links it may follow from:
    at the beginning of a chain 0 and the link that chains begin with. Without any, the first row is
    taken as it stands.
    """

    def __init__(
        self,
        begun: Begun,
        writer: UUID,
        head: Head | None,
        findings: Findings,
        before: int,
        links: Sequence[bytes],
    ) -> None:
        self.writer = writer
        self.seq = before
        self._begun, self._head, self._findings = begun, head, findings
        self._writer = writer.bytes
        self._links = list(links)

    @classmethod
    def whole(
        cls, key: bytes, begun: Begun, writer: UUID, head: Head | None, findings: Findings
    ) -> "Chain":
        """The walk from a chain's beginning."""
        return cls(begun, writer, head, findings, 0, [first_link(key, writer)])

    def step(self, seq: int, mac: bytes, canonical: bytes) -> None:
        """Look at the next row in the table's order; `canonical` are its bytes with its number."""
        if seq <= self.seq:
            self._again(seq)
            return
        gap = seq > self.seq + 1
        if gap:
            first, last = self.seq + 1, seq - 1
            which = f"entry {first} is" if first == last else f"entries {first} to {last} are"
            self._findings.add(self.writer, first, "removed", f"{which} missing")
        self.seq = seq
        fits = False
        if not gap:
            placed = self._writer + canonical
            fits = not self._links or link_of(self._begun, self._links[0], placed) == mac
            if not fits:
                computed = [link_of(self._begun, one, placed) for one in self._links]
                fits = mac in computed
                if not fits:
                    text = "the entry isn't what was written at this place"
                    self._findings.add(self.writer, seq, "changed", text)
                    self._links = [mac, *computed, *self._links][:_REMEMBERED]
        if gap or fits:
            self._links = [mac]
        if fits and self._head is not None and seq == self._head.seq and mac != self._head.mac:
            self._findings.add(self.writer, seq, "changed", "a checkpoint saw another entry here")

    def end(self) -> None:
        """After the last row: is there as much as a checkpoint or the writer itself saw?"""
        if self._head is not None and self.seq < self._head.seq:
            text = f"entries {self.seq + 1} to {self._head.seq} at the end are missing"
            self._findings.add(self.writer, self.seq + 1, "cut", text)

    def _again(self, seq: int) -> None:
        if seq > 0:
            self._findings.add(self.writer, seq, "duplicated", "this place is taken twice")
        else:
            self._findings.add(self.writer, seq, "changed", "a chain has no such place")
