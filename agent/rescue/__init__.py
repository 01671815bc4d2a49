"""Calls whose job or worker has died: who notices, who goes on, and with what."""
