"""Whom we ask to hear, think and speak: the catalog of names, and the local providers that need no key."""
