"""What a register says about one person, as plain columns."""

import msgspec


class RegisterRow(msgspec.Struct, frozen=True, gc=False):
    """One registration. Empty text is what the register does not know.

    `truth` is the key of the person and `causes` what is wrong with the row: for judging alone.
    `sex` is male, female or unknown; `birth_date`, `registered` and `died` are ISO dates; `village`
    has twelve digits; `card_kind` is passport, hk-macao-permit or taiwan-permit.
    """

    id: str
    truth: str
    causes: tuple[str, ...]
    institution: str
    registered: str
    name: str
    sex: str
    birth_date: str
    id_number: str
    phone: str
    village: str
    mother_name: str = ""
    guardian_name: str = ""
    guardian_number: str = ""
    card_kind: str = ""
    card_number: str = ""
    died: str = ""
