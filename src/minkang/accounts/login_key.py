"""The normal form of a login. Pure."""

import unicodedata

SHORTEST = 2
LONGEST = 100


def login_key(login: str) -> str | None:
    """The form under which logins are compared, or None if this can't be a login.

    NFKC and case folding make full-width letters, ligatures and capitals the same; spaces around
    are dropped. Control characters, spaces inside, and other lengths are refused.
    """
    if len(login) > 2 * LONGEST:
        return None
    key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold())
    if not SHORTEST <= len(key) <= LONGEST or not key.isprintable() or " " in key:
        return None
    return key
