"""Who speaks next and what about."""
