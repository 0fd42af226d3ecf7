"""What of a registration counts for matching, in the form in which it is compared."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from minkang.fhir import Resource
from minkang.identity.linkage.births import birth_of, day_of
from minkang.identity.linkage.names import (
    Sound,
    is_nobody,
    is_unknown_patient,
    masked,
    newborn_of,
    normalise_name,
    shortened,
    sound_of,
    split_name,
)
from minkang.identity.linkage.numbers import card, documents_only, identity_of, phone, printable
from minkang.identity.linkage.places import place_of
from minkang.identity.linkage.stated import Stated, stated_of


class Features(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One registration as it is compared. Empty text, 0 and () stand for what is not known.

    Attributes:
        name: normalised (`names.normalise_name`); "" for newborns and those nobody knows.
        names: this and former names, maiden names, names in letters.
        sound, sounds: in letters without tones; in all orders in which others write it.
        alike, alikes: that, with sounds that dialects do not tell apart as one; alikes of all
            names, of those in letters in both orders. `initials` of the syllables.
        characters: the characters of the name, sorted. masked, shorter: see
            `names.masked` and `names.shortened`.
        sex: male, female or "".
        birth_date, birth_year, birth_swapped, birth_parts, birth_day, moon_day, birth_rough: see
            `births.Birth`.
        id_number: 18 characters, checked, and not contradicted by birth date and sex.
        id_raw: the number as typed (letters and digits), checked or not; of the own ones only.
        other_number: a checked number that must be somebody else's: birth date and sex say so.
        guardian_number: that one's birth date is more than 15 years away: a guardian's.
        cards: kind and number of other documents and cards; documents: those that verify.
        address, division, village, town, county: see `places.Place`.
        mother, father, guardian: names; mother_sound; kin_numbers: their identity numbers.
        newborn: registered under the mother's name; twin, birth_order: 0 if not said.
        unknown: a patient whom nobody knew (无名氏).
        died, seen: ISO dates: of death, and last seen alive as far as the registration says.
        source: the institution or source that registered.
    """

    name: str = ""
    surname: str = ""
    given: str = ""
    names: tuple[str, ...] = ()
    sound: str = ""
    sounds: tuple[str, ...] = ()
    alike: str = ""
    alikes: tuple[str, ...] = ()
    alike_surname: str = ""
    alike_given: str = ""
    initials: str = ""
    characters: str = ""
    masked: tuple[str, ...] = ()
    shorter: tuple[str, ...] = ()
    sex: str = ""
    birth_date: str = ""
    birth_year: str = ""
    birth_swapped: str = ""
    birth_parts: tuple[str, ...] = ()
    birth_day: int = 0
    moon_day: int = 0
    birth_rough: bool = False
    id_number: str = ""
    id_raw: str = ""
    other_number: str = ""
    guardian_number: bool = False
    cards: tuple[tuple[str, str], ...] = ()
    documents: tuple[tuple[str, str], ...] = ()
    phones: tuple[str, ...] = ()
    address: str = ""
    division: str = ""
    village: str = ""
    town: str = ""
    county: str = ""
    mother: str = ""
    mother_sound: str = ""
    father: str = ""
    guardian: str = ""
    kin_names: tuple[str, ...] = ()
    kin_numbers: tuple[str, ...] = ()
    newborn: bool = False
    twin: bool = False
    birth_order: int = 0
    unknown: bool = False
    died: str = ""
    seen: str = ""
    source: str = ""


def features_of(
    patient: Resource, source: str = "", relatives: Sequence[Resource] = ()
) -> Features:
    """The features of a FHIR Patient as a source registered it.

    `relatives` are RelatedPersons of it: mother, father and guardian beside those of
    `Patient.contact`. Nothing in a Patient makes it fail: what has not the form of R4 is left out.
    """
    return features_from(stated_of(patient, source, relatives))


def features_from(stated: Stated) -> Features:
    """The features of what a registration states in plain columns."""
    birth = birth_of(stated.birth_date)
    named, sex, mother = _named(stated)
    number = identity_of(stated.id_number, birth.date or birth.year)
    own = number.whose in ("own", "unchecked")
    cards = tuple(sorted({found for kind, text in stated.cards if (found := card(kind, text))}))
    place = place_of(stated.address, stated.division)
    mother = normalise_name(stated.mother) or mother
    father, guardian = normalise_name(stated.father), normalise_name(stated.guardian)
    return Features(
        **named,
        sex=sex,
        birth_date=birth.date,
        birth_year=birth.year,
        birth_swapped=birth.swapped,
        birth_parts=birth.parts,
        birth_day=birth.day,
        moon_day=birth.moon,
        birth_rough=birth.rough,
        id_number=number.checked if number.whose == "own" else "",
        id_raw=number.raw if own else "",
        other_number="" if own else number.checked,
        guardian_number=number.whose == "guardian",
        cards=cards,
        documents=documents_only(cards),
        phones=tuple(sorted({one for text in stated.phones if (one := phone(text))})),
        address=place.text,
        division=place.division,
        village=place.village,
        town=place.town,
        county=place.county,
        mother=mother,
        mother_sound=sound_of(*split_name(mother)).whole if mother else "",
        father=father,
        guardian=guardian,
        kin_names=tuple(sorted({mother, father, guardian} - {""})),
        kin_numbers=_kin_numbers(stated, number.checked if number.whose == "guardian" else ""),
        died=day_of(stated.died),
        seen=day_of(stated.seen),
        source=printable(stated.source),
    )


def _named(stated: Stated) -> tuple[dict[str, Any], str, str]:
    """The columns of the name; sex; and the mother's name where the name itself says it."""
    name = normalise_name(stated.name)
    sex = stated.sex if stated.sex in ("male", "female") else ""
    order = max(0, min(stated.birth_order, 9))
    found: dict[str, Any] = {
        "birth_order": order,
        "twin": stated.twin or order > 0,
        "unknown": is_unknown_patient(name),
    }
    if baby := newborn_of(name):
        found["newborn"] = True
        found["birth_order"] = order or baby.order
        found["twin"] = found["twin"] or baby.twin
        return found, sex or baby.sex, baby.mother
    if not is_nobody(name):
        found |= _columns_of_name(name, stated.other_names)
    return found, sex, ""


def _columns_of_name(name: str, other_names: Sequence[str]) -> dict[str, Any]:
    others = (normalise_name(one) for one in other_names)
    names = sorted({name, *(o for o in others if not is_nobody(o) and not newborn_of(o))})
    surname, given = split_name(name)
    sound = sound_of(surname, given)
    sounds = {one: sound_of(*split_name(one)) for one in names}
    letters = [sounds[one] for one in names if one.isascii()]
    return {
        "name": name,
        "surname": surname,
        "given": given,
        "names": tuple(names),
        "sound": sound.whole,
        "sounds": tuple(sorted({*sound.ways, *(way for one in letters for way in one.ways)})),
        "alike": sound.alike,
        "alikes": _alikes(sounds.values(), letters),
        "alike_surname": sound.alike_surname,
        "alike_given": sound.alike_given,
        "initials": sound.initials,
        "characters": "".join(sorted(name.replace(" ", ""))),
        "masked": masked(name),
        "shorter": shortened(surname, given),
    }


def _alikes(sounds: Iterable[Sound], letters: Iterable[Sound]) -> tuple[str, ...]:
    orders = {one.alike_given + one.alike_surname for one in letters}
    return tuple(sorted({one.alike for one in sounds} | orders))


def _kin_numbers(stated: Stated, guardian: str) -> tuple[str, ...]:
    numbers = {identity_of(one, "").checked for one in stated.kin_numbers}
    return tuple(sorted((numbers | {guardian}) - {""}))


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Features)


def encode(features: Features) -> bytes:
    """Features as MessagePack: an array in the order of the fields; new fields join at its end."""
    return _encoder.encode(features)


def decode(data: bytes) -> Features:
    """Features from `encode`.

    Raises:
        msgspec.DecodeError: it is nothing that `encode` wrote.
    """
    return _decoder.decode(data)


def columns_of(features: Features) -> dict[str, str | int | bool | list[str]]:
    """Features as plain columns for SQL: texts, whole numbers and lists of texts.

    A card is one text, `kind|number`.
    """
    found: dict[str, str | int | bool | list[str]] = {}
    for field in features.__struct_fields__:
        value = getattr(features, field)
        if isinstance(value, tuple):
            found[field] = ["|".join(one) if isinstance(one, tuple) else one for one in value]
        else:
            found[field] = value
    return found
