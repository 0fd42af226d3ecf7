"""The linkage of registers tried on invented people: hard dirt, and the truth known."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from minkang.app.synth import Wish, world_of
from minkang.identity.candidates import MOST, MOST_WIDE
from minkang.identity.linkage.batch import Batch, Limits, plain_keys
from minkang.identity.linkage.definition import Definition
from minkang.identity.linkage.evaluate import Evaluation, evaluate
from minkang.identity.linkage.features import Features, encode, features_from
from minkang.identity.linkage.stated import Stated
from minkang.synth.dirt.registers.mix import MIXES
from minkang.synth.dirt.registers.row import RegisterRow
from minkang.synth.dirt.registers.rows import registers

_TODAY: Final = date(2026, 11, 1)
_PORTION: Final = 20_000
_KINDS: Final = {"hk-macao-permit": "hk-macao", "taiwan-permit": "taiwan"}


class Trial(msgspec.Struct, frozen=True):
    """Which people, how dirty.

    Attributes:
        mix: a key of `synth.dirt.registers.mix.MIXES`.
        people: at least so many.
        seed: of the region they live in.
    """

    mix: str = "judging"
    people: int = 200_000
    seed: int = 4711


def rows_of(trial: Trial) -> Iterator[RegisterRow]:
    """The registrations, person by person.

    Raises:
        KeyError: there is no such mix.
    """
    mix = MIXES[trial.mix]
    world = world_of(Wish(1, Path(), _TODAY, seed=trial.seed, dirt="none"))
    return registers(world, mix, trial.people)


def features_of_row(row: RegisterRow) -> Features:
    """What of a registration counts for matching."""
    card = (_KINDS.get(row.card_kind, row.card_kind), row.card_number)
    return features_from(
        Stated(
            name=row.name,
            sex=row.sex,
            birth_date=row.birth_date,
            id_number=row.id_number,
            cards=(card,) if row.card_number else (),
            phones=(row.phone,) if row.phone else (),
            division=row.village,
            mother=row.mother_name,
            guardian=row.guardian_name,
            kin_numbers=(row.guardian_number,) if row.guardian_number else (),
            died=row.died,
            seen=row.registered,
            source=row.institution,
        )
    )


def tried(definition: Definition, trial: Trial, memory: str = "2GB") -> Evaluation:
    """What a definition makes of the registrations of a trial, against the truth.

    Raises:
        KeyError: there is no such mix.
    """
    ids: list[str] = []
    truth: dict[str, str] = {}
    causes: dict[str, tuple[str, ...]] = {}
    rows = rows_of(trial)
    with Batch(definition, Features, Limits(MOST, MOST_WIDE, memory)) as batch:
        while portion := list(islice(rows, _PORTION)):
            _add(batch, definition, len(ids), portion)
            ids += [row.id for row in portion]
            truth |= {row.id: row.truth for row in portion}
            causes |= {row.id: row.causes for row in portion if row.causes}
        return evaluate(definition, batch, ids, truth, causes)


def _add(batch: Batch, definition: Definition, first: int, rows: Sequence[RegisterRow]) -> None:
    features = [features_of_row(row) for row in rows]
    batch.add(
        range(first, first + len(rows)),
        features,
        [plain_keys(definition, one) for one in features],
        [encode(one) for one in features],
    )
