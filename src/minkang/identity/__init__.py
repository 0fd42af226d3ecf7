"""Which resident is it? Source patients, linked to one Person each, and found.

Lives here: the rule that links (checked ID number with agreeing birth date and sex; everything
else stays apart), the link table and the Person resources made from it, the electronic health
code, finding residents. Does not live here: the patients themselves (store), what may be seen of
a resident (policy).

Use `follow` in a worker, `find_residents` and `resident` everywhere else.
"""

from minkang.identity.find import Found, find_residents
from minkang.identity.follow import follow
from minkang.identity.health_code import CODE_SYSTEM, is_health_code
from minkang.identity.id_number import IdNumber, parse_id_number
from minkang.identity.residents import Resident, resident, resident_of_patient

__all__ = [
    "CODE_SYSTEM",
    "Found",
    "IdNumber",
    "Resident",
    "find_residents",
    "follow",
    "is_health_code",
    "parse_id_number",
    "resident",
    "resident_of_patient",
]
