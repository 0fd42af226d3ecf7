"""Settings, read once at start from the environment and `minkang.toml`, then handed in.

Nothing else in the code reads the environment. Use `load_settings`.
"""

from minkang.config.login import LoginSettings, OidcSettings, SessionSettings
from minkang.config.settings import Settings, SettingsError, WatchedFolder, load_settings

__all__ = [
    "LoginSettings",
    "OidcSettings",
    "SessionSettings",
    "Settings",
    "SettingsError",
    "WatchedFolder",
    "load_settings",
]
