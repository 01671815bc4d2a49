"""The caller's page: `python -m agent.page` serves it, hands out tokens, and lets in whom a link invites."""
