"""Where the authorization server's doors are."""

from typing import Final

BASE: Final = "/oauth"
AUTHORIZE: Final = f"{BASE}/authorize"
