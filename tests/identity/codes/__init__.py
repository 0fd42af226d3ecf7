"""Tests of electronic health codes."""
