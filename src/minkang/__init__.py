"""Minkang (民康): an open regional population-health platform.

Packages and the one direction of their imports are described in docs/architecture.md and held by
the import contract in pyproject.toml.
"""

__version__ = "0.1.0"
