"""The ways in: one module a channel, each with its listener or poller."""
