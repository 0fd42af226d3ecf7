"""What the demonstration's residents have agreed to, and what there is to review and to answer.

Most have consented to sharing, some with limits, some have withdrawn it. The resident of the story
has a plain consent, a child in the family if there is one, and an emergency opening behind, which
waits for its review and to which the resident has objected.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pyarrow import parquet

from minkang.accounts import Account, account_by_login
from minkang.app.demonstration.story import Story, region_folder
from minkang.app.platform import Platform
from minkang.audit import AuditLog, looks_at
from minkang.crypto import hash64
from minkang.identity import find_residents
from minkang.policy.consent import ConsentChange, change_consents, current_consent
from minkang.policy.consent_record import ConsentKind, Sharing
from minkang.policy.glass import break_glass
from minkang.policy.guardian_steps import Claim, claim_guardian, decide_guardian
from minkang.policy.guardians import age, local_day, relations_of
from minkang.policy.objections import object_to
from minkang.policy.presented import institution_of
from minkang.store import Scope

_TOGETHER: Final = 500
_NEVER, _WITHDRAWN, _NARROWED = 80, 110, 200  # of a thousand, counted on
_LIMITS: Final = (
    Sharing(without_topics=frozenset({"mental"})),
    Sharing(without_topics=frozenset({"hiv-std", "reproductive"})),
    Sharing(since=datetime(2024, 1, 1, tzinfo=UTC)),
)
_GLASS_AGO: Final = timedelta(days=2)


async def give_consents(platform: Platform, log: AuditLog, story: Story) -> int:
    """Let those decide who have not yet been asked; how many consents were given.

    Who decides how depends on nothing but the Person's id, so it is the same at every start.
    """
    rows = await platform.pool.fetch(
        """select l.person, array_agg(l.patient) as patients from identity.link l
           where not exists (select from policy.consent c where c.person = l.person)
           group by l.person order by l.person"""
    )
    found = [(row["person"], frozenset(row["patients"])) for row in rows]
    given = [one for one in found if one[0] == story.person or _share(one[0]) >= _NEVER]
    for part in _parts([_given(person, ids, story) for person, ids in given]):
        await change_consents(platform.store, log, part, by=None, now=datetime.now(UTC))
    back = [
        _change(person, ids, "withdraw")
        for person, ids in given
        if person != story.person and _share(person) < _WITHDRAWN
    ]
    for part in _parts(back):
        await change_consents(platform.store, log, part, by=None, now=datetime.now(UTC))
    return len(given)


async def tell_story(platform: Platform, log: AuditLog, story: Story) -> None:
    """The child, the opening that waits for its review, the objection; what is there stays."""
    if await current_consent(platform.pool, story.person) is None:
        return
    resident = await account_by_login(platform.pool, "jumin")
    doctor = await account_by_login(platform.pool, "zhongyi")
    family_doctor = await account_by_login(platform.pool, "quanke")
    if resident is None or doctor is None:
        return
    if not await relations_of(platform.pool, story.person) and family_doctor is not None:
        await _guardian(platform, log, story, resident, family_doctor)
    await _opened(platform, log, story, resident, doctor)


async def _guardian(
    platform: Platform, log: AuditLog, story: Story, parent: Account, family_doctor: Account
) -> None:
    """The youngest child of the household, if it has come through."""
    now = datetime.now(UTC)
    for name, number, born in _children(platform.settings.home, story.resident, local_day(now)):
        found = await find_residents(platform.store, Scope.whole(), number)
        if len(found.residents) != 1:
            continue
        claim = Claim(
            guardian=story.person,
            ward=found.residents[0].person,
            ward_name=name,
            kind="child",
            evidence="household-register",
            document="户-2026-0117",
            institution=institution_of(family_doctor) or "",
            begins=local_day(now),
        )
        request = await claim_guardian(platform.store, log, claim, by=parent, now=now)
        await decide_guardian(
            platform.store,
            log,
            request.id,
            by=family_doctor,
            confirmed=True,
            born=born,
            words="",
            now=now,
        )
        return


async def _opened(
    platform: Platform, log: AuditLog, story: Story, resident: Account, doctor: Account
) -> None:
    """Two days ago a doctor opened the record by need; the resident does not agree."""
    if await platform.pool.fetchval(
        "select exists (select from policy.glass where person = $1)", story.person
    ):
        return
    glass = await break_glass(
        platform.store,
        log,
        doctor,
        story.person,
        reason="cannot-consent",
        explanation="夜间由家人送来，低血糖昏迷，急需了解降糖药用量",
        now=datetime.now(UTC) - _GLASS_AGO,
    )
    looks = await looks_at(platform.pool, story.person, limit=100)
    entry = next((one for one in looks if one.object_id == glass.id), None)
    await object_to(
        platform.store,
        log,
        entry,
        person=story.person,
        by=resident,
        words="那天晚上我在家，没有去过这家医院，请查清楚是谁打开的。",
        now=datetime.now(UTC),
    )


def _share(person: str) -> int:
    """A number below a thousand that a person keeps."""
    return hash64(f"consent|{person}") % 1_000


def _given(person: str, patients: frozenset[str], story: Story) -> ConsentChange:
    share = _share(person)
    narrowed = person != story.person and _WITHDRAWN <= share < _NARROWED
    sharing = _LIMITS[share % len(_LIMITS)] if narrowed else Sharing()
    return _change(person, patients, "give", sharing)


def _change(
    person: str, patients: frozenset[str], kind: ConsentKind, sharing: Sharing | None = None
) -> ConsentChange:
    return ConsentChange(person=person, patients=patients, kind=kind, sharing=sharing or Sharing())


def _parts(changes: list[ConsentChange]) -> Iterator[list[ConsentChange]]:
    for begin in range(0, len(changes), _TOGETHER):
        yield changes[begin : begin + _TOGETHER]


def _children(home: Path, parent: str, today: date) -> list[tuple[str, str, date]]:
    """Name, ID number and birth date of those under eighteen in the parent's household, the own
    children first, then the youngest first."""
    columns = ["person", "household", "surname", "given", "id_number", "birth", "mother", "father",
               "death", "left"]  # fmt: skip
    table = parquet.read_table(region_folder(home) / "truth" / "people.parquet", columns=columns)
    people: list[dict[str, Any]] = table.to_pylist()
    here = next((one["household"] for one in people if one["person"] == parent), None)
    young = [
        one
        for one in people
        if one["household"] == here
        and one["death"] is None
        and one["left"] is None
        and one["birth"] <= today
        and age(one["birth"], today) < 18
    ]

    def rank(one: dict[str, Any]) -> tuple[bool, int, str]:
        own = parent in (one["mother"], one["father"])
        return not own, -one["birth"].toordinal(), one["person"]

    return [
        (one["surname"] + one["given"], one["id_number"], one["birth"])
        for one in sorted(young, key=rank)
    ]
