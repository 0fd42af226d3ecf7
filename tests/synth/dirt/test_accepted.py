"""What must be refused is refused for its recorded rule, at the real receiver's door."""

from collections import Counter
from datetime import date

import msgspec
import pytest

from minkang.fhir import Refused
from minkang.synth.dirt import hl7, rows
from minkang.synth.dirt.kinds import KINDS, chosen
from minkang.synth.dirt.registration import filed, registration
from minkang.synth.draws import stream
from minkang.synth.lives.live import live
from minkang.synth.place import build_place
from minkang.synth.record import World
from minkang.synth.speak.say import everything
from minkang.synth.speak.sent import Message, Row, Sent
from minkang.synth.speak.setting import Setting
from tests.synth.speak.mapped import contributions

_HL7 = {
    "impossible-date": hl7.impossible_date,
    "not-a-number": hl7.not_a_number,
    "no-patient-number": hl7.no_patient_number,
    "unknown-event": hl7.unknown_event,
    "impossible-value": hl7.impossible_value,
    "local-unit": hl7.local_unit,
    "local-code": hl7.local_code,
}
_ROWS = {
    "impossible-date": rows.impossible_date,
    "not-a-number": rows.not_a_number,
    "no-patient-number": rows.no_patient_number,
    "impossible-value": rows.impossible_value,
}
_EACH = 2  # of a kind of message from a source


@pytest.fixture(scope="module")
def setting() -> Setting:
    world = World(5, date(2025, 5, 1), date(2026, 11, 1), build_place(5), dirt=chosen("all"))
    return Setting(world, registration)


@pytest.fixture(scope="module")
def sent(setting: Setting) -> list[Sent]:
    """A few of every kind from every source, of 16 households with all that desks get wrong."""
    found, counts = [], Counter[tuple[str, str]]()
    for number in range(16):
        lived = filed(setting.world, live(setting.world, number))
        for one in everything(setting, lived):
            name = one.table if isinstance(one, Row) else one.name[:7]
            counts[one.source, name] += 1
            if counts[one.source, name] <= _EACH:
                found.append(one)
    return found


def _rule(setting: Setting, one: Sent) -> str:
    try:
        contributions(setting, one)
    except Refused as refusal:
        return ",".join(sorted({problem.rule for problem in refusal.problems}))
    return "ok"


def test_what_desks_get_wrong_is_accepted(setting: Setting, sent: list[Sent]) -> None:
    assert Counter(_rule(setting, one) for one in sent) == {"ok": len(sent)}


@pytest.mark.parametrize("kind", _HL7)
def test_a_spoiled_message_ends_as_expected(setting: Setting, sent: list[Sent], kind: str) -> None:
    expected = KINDS[kind].expected.removeprefix("refused:")
    tried = 0
    for one in sent:
        if isinstance(one, Message) and one.channel == "mllp" and one.name[:3] in ("ADT", "ORU"):
            edited = _HL7[kind](one.raw, stream(1, one.name, one.visit))
            if edited is not None:
                tried += 1
                assert _rule(setting, msgspec.structs.replace(one, raw=edited[0])) == expected
    assert tried


@pytest.mark.parametrize("kind", _ROWS)
def test_a_spoiled_row_ends_as_expected(setting: Setting, sent: list[Sent], kind: str) -> None:
    expected = KINDS[kind].expected.removeprefix("refused:")
    tried = 0
    for one in sent:
        if isinstance(one, Row):
            edited = _ROWS[kind](one.values, stream(1, one.number))
            if edited is not None:
                tried += 1
                spoiled = msgspec.structs.replace(one, values=edited[0])
                assert _rule(setting, spoiled) == expected, (one.table, edited[1:])
    assert tried


def test_corrections_cancellations_and_new_codes_are_accepted(
    setting: Setting, sent: list[Sent]
) -> None:
    made: list[Sent] = []
    for one in sent:
        random = stream(1, "again", one.source)
        if isinstance(one, Row):
            row = rows.corrected(one.values, random, one.at)
            if row is not None:
                made += [msgspec.structs.replace(one, values=v) for v in (row[0][0], row[1])]
        elif one.channel == "mllp":
            raws: list[bytes] = []
            if one.name.startswith("ORU"):
                both = hl7.corrected(one.raw, random, one.at, "C1")
                raws += [both[0][0], both[1]] if both else []
                changed = hl7.changed_codes(one.raw)
                raws += [changed[0]] if changed else []
            elif (pair := hl7.cancelled(one.raw, one.at, "C1")) is not None:
                raws += pair[:2]
            if (late := hl7.behind(one.raw, 8, one.at)) is not None:
                raws.append(late[0])
            made += [msgspec.structs.replace(one, raw=raw) for raw in raws]
    assert Counter(_rule(setting, one) for one in made) == {"ok": len(made)}
    assert len(made) > 50


def test_rubbish_is_refused_for_its_character_set(setting: Setting, sent: list[Sent]) -> None:
    tried = 0
    for one in sent:
        if isinstance(one, Message) and one.channel == "mllp":
            garbled = hl7.rubbish(one.raw)
            if garbled is not None:
                tried += 1
                assert _rule(setting, msgspec.structs.replace(one, raw=garbled[0])) == "charset"
    assert tried
