"""The stream of messages as it arrives: some late, twice, spoiled, corrected or never.

`soil` takes what is sent in order of time, numbered, and gives what arrives in order of time. It
holds no more than what is on its way: a message is at most three weeks late.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from functools import cache
from random import Random
from typing import Final

import msgspec

from minkang.synth.dirt import hl7, rows
from minkang.synth.dirt.kinds import KINDS
from minkang.synth.dirt.sources import (
    CLOCK_HOURS,
    LOST_SHARE,
    RUBBISH_SHARE,
    Trouble,
    battery_dead,
)
from minkang.synth.dirt.stain import Stain
from minkang.synth.draws import share, stream
from minkang.synth.record import LOCAL, World
from minkang.synth.speak.sent import Message, Row, Sent

Tell = Callable[[Stain], None]

_RESULT: Final = (
    "late", "out-of-order", "doubled", "corrected", "impossible-value", "local-unit", "local-code",
    "impossible-date", "not-a-number", "no-patient-number",
)  # fmt: skip
_ADT: Final = (
    "late", "out-of-order", "doubled", "cancelled", "impossible-date", "no-patient-number",
    "unknown-event",
)  # fmt: skip
_ROW: Final = (
    "late", "doubled", "corrected", "impossible-value", "impossible-date", "not-a-number",
    "no-patient-number",
)  # fmt: skip
_OTHER: Final = ("late", "doubled")

_SPARED: Final = "weijian"
"""The register of institutions and staff: an office checks what it sends."""

_HL7_EDITS: Final = {
    "impossible-value": hl7.impossible_value,
    "local-unit": hl7.local_unit,
    "local-code": hl7.local_code,
    "impossible-date": hl7.impossible_date,
    "not-a-number": hl7.not_a_number,
    "no-patient-number": hl7.no_patient_number,
    "unknown-event": hl7.unknown_event,
}
_ROW_EDITS: Final = {
    "impossible-value": rows.impossible_value,
    "impossible-date": rows.impossible_date,
    "not-a-number": rows.not_a_number,
    "no-patient-number": rows.no_patient_number,
}


def soil(
    world: World, troubles: tuple[Trouble, ...], sent: Iterable[Sent], tell: Tell
) -> Iterator[Sent]:
    """What arrives of what was sent, in order of time; each stain is told once.

    `sent` is in order of time and its messages carry their control ids. Deterministic: a message's
    fate follows from seed, source and its own number. Nothing is delayed past the world's today.
    """
    way = _Way(world, troubles, tell)
    waiting: list[tuple[datetime, int, Sent]] = []
    count = 0
    for one in sent:
        while waiting and waiting[0][0] <= one.at:
            yield heapq.heappop(waiting)[2]
        for arrives in way.pass_on(one):
            if arrives.at <= one.at:
                yield arrives
            else:
                count += 1
                heapq.heappush(waiting, (arrives.at, count, arrives))
    while waiting:
        yield heapq.heappop(waiting)[2]


def number_of(one: Sent) -> str:
    """What a message, row or document is known by in the truth."""
    return one.number if isinstance(one, Row) else one.control_id or one.name


@cache
def _limits(kinds: tuple[str, ...], dirt: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    """Cumulative rates of the kinds; one that is switched off leaves the others as they were."""
    total, limits = 0.0, []
    for kind in kinds:
        total += KINDS[kind].rate
        limits.append((total, kind if kind in dirt else ""))
    return tuple(limits)


class _Way:
    """The way from the sources to the platform."""

    def __init__(self, world: World, troubles: tuple[Trouble, ...], tell: Tell) -> None:
        self.world, self.tell = world, tell
        self.until = datetime.combine(world.today, time(), LOCAL)
        self.troubles: dict[str, list[Trouble]] = {}
        for trouble in troubles:
            self.troubles.setdefault(trouble.source, []).append(trouble)

    def pass_on(self, one: Sent) -> list[Sent]:
        """What becomes of one message: nothing, itself, itself spoiled, or several."""
        for trouble in self.troubles.get(one.source, ()):
            if trouble.begin <= one.at < trouble.end:
                changed = self._in_trouble(trouble, one)
                if changed is None:
                    return []
                one = changed
        if one.expected != "ok" or one.source.startswith(_SPARED):
            return [one]
        chance = share(self.world.seed, "soil", one.source, number_of(one))
        kinds = _kinds_for(one)
        limits = _limits(kinds, self.world.dirt)
        if chance >= limits[-1][0]:
            return [one]
        kind = next(kind for limit, kind in limits if chance < limit)
        if not kind:
            return [one]
        random = stream(self.world.seed, "soiled", one.source, number_of(one))
        if kind in ("late", "out-of-order", "doubled"):
            return self._delayed(kind, one, random)
        if kind == "corrected":
            return self._corrected(one, random)
        if kind == "cancelled":
            return self._cancelled(one, random)
        return [self._spoiled(kind, one, random)]

    def _stain(self, kind: str, one: Sent, before: str, after: str, expected: str = "") -> None:
        expected = expected or KINDS[kind].expected
        self.tell(
            Stain(kind, one.source, one.person, number_of(one), one.at,
                  before=before, after=after, expected=expected)
        )  # fmt: skip

    def _in_trouble(self, trouble: Trouble, one: Sent) -> Sent | None:
        if trouble.kind == "lossy":
            if not one.visit or share(self.world.seed, "lossy", one.visit) >= LOST_SHARE:
                return one
            self._stain("lossy", one, one.visit, "")
            return None
        if trouble.kind == "silent":
            self._stain("silent", one, one.visit, "")
            return None
        if isinstance(one, Row) or one.channel != "mllp" or one.expected != "ok":
            return one
        edited = None
        if trouble.kind == "broken-clock":
            hours = 0.0 if battery_dead(trouble, one.at) else CLOCK_HOURS
            edited = hl7.behind(one.raw, hours, one.at)
        elif trouble.kind == "changed-codes":
            edited = hl7.changed_codes(one.raw)
        elif share(self.world.seed, "rubbish", one.control_id) < RUBBISH_SHARE:
            edited = hl7.rubbish(one.raw)
        if edited is None:
            return one
        raw, before, after = edited
        self._stain(trouble.kind, one, before, after)
        return msgspec.structs.replace(one, raw=raw, expected=_rule(trouble.kind))

    def _delayed(self, kind: str, one: Sent, random: Random) -> list[Sent]:
        if kind == "late":
            hours = min(6 + random.expovariate(1 / 60), 21 * 24)
        elif kind == "out-of-order":
            hours = random.uniform(0.1, 2.5)
        else:
            hours = random.choice((random.uniform(0.02, 0.5), random.uniform(1, 72)))
        at = one.at + timedelta(seconds=int(hours * 3600))
        if at >= self.until:
            return [one]
        self._stain(kind, one, _written(one.at), _written(at))
        again = msgspec.structs.replace(one, at=at)
        return [one, again] if kind == "doubled" else [again]

    def _corrected(self, one: Sent, random: Random) -> list[Sent]:
        again = one.at + timedelta(minutes=random.randrange(40, 40 * 60))
        if again >= self.until:
            return [one]
        if isinstance(one, Row):
            row = rows.corrected(one.values, random, again)
            if row is None:
                return [one]
            (wrong, before, after), right = row
            self._stain("corrected", one, before, after)
            return [
                msgspec.structs.replace(one, values=wrong),
                msgspec.structs.replace(one, at=again, values=right),
            ]
        control_id = f"{one.control_id}C"
        message = hl7.corrected(one.raw, random, again, control_id)
        if message is None:
            return [one]
        (raw, before, after), correction = message
        self._stain("corrected", one, before, after)
        return [
            msgspec.structs.replace(one, raw=raw),
            msgspec.structs.replace(one, at=again, raw=correction, control_id=control_id),
        ]

    def _cancelled(self, one: Sent, random: Random) -> list[Sent]:
        again = one.at + timedelta(minutes=random.randrange(3, 55))
        if isinstance(one, Row) or again >= self.until:
            return [one]
        made = hl7.cancelled(one.raw, again, one.control_id)
        if made is None:
            return [one]
        wrong, cancellation, number = made
        self._stain("cancelled", one, "", number)
        return [
            one,
            msgspec.structs.replace(one, raw=wrong, control_id=f"{one.control_id}X", visit=number),
            msgspec.structs.replace(
                one, raw=cancellation, control_id=f"{one.control_id}Y", visit=number, at=again
            ),
        ]

    def _spoiled(self, kind: str, one: Sent, random: Random) -> Sent:
        if isinstance(one, Row):
            row = _ROW_EDITS[kind](one.values, random)
            if row is None:
                return one
            values, before, after = row
            self._stain(kind, one, before, after)
            return msgspec.structs.replace(one, values=values, expected=_rule(kind))
        message = _HL7_EDITS[kind](one.raw, random)
        if message is None:
            return one
        raw, before, after = message
        self._stain(kind, one, before, after)
        return msgspec.structs.replace(one, raw=raw, expected=_rule(kind))


def _kinds_for(one: Sent) -> tuple[str, ...]:
    if isinstance(one, Row):
        return _ROW
    if one.channel != "mllp":
        return _OTHER
    return _ADT if one.name.startswith("ADT") else _RESULT if _is_result(one) else _OTHER


def _is_result(one: Message) -> bool:
    return one.name.startswith("ORU")


def _rule(kind: str) -> str:
    """The rule by which such a message must be refused, `ok` where it must not."""
    return KINDS[kind].expected.removeprefix("refused:")


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
