"""The electronic health code (电子健康码): issued, shown, verified, stopped; other cards beside it.

Lives here: codes and their states (`records`, `steps`), our own tokens and their keys (`token`,
`keys`, `verify`), the published card (`card`, `index`, `published`), cards of others (`cards`), and
what any of these is when it is scanned (`resolve`). Does not live here: the sixteen digits of the
resident (`health_code`), the consent and the evidence that a code was shown (policy).

Use `issue_code` and `change_code` for the states, `show` for the screen, `resolve` and `use_up`
where something was scanned.
"""

from minkang.identity.codes.cards import Card, bind_card, cards_of, unbind_card
from minkang.identity.codes.keys import CodeKeys
from minkang.identity.codes.records import Code, CodeRefused, codes_of, current_code, stopped
from minkang.identity.codes.resolve import Resolved, resolve
from minkang.identity.codes.steps import change_code, issue_code
from minkang.identity.codes.verify import Validity, Verified, show, use_up, verify, visit_token

__all__ = [
    "Card",
    "Code",
    "CodeKeys",
    "CodeRefused",
    "Resolved",
    "Validity",
    "Verified",
    "bind_card",
    "cards_of",
    "change_code",
    "codes_of",
    "current_code",
    "issue_code",
    "resolve",
    "show",
    "stopped",
    "unbind_card",
    "use_up",
    "verify",
    "visit_token",
]
