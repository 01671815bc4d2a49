"""Databases for the tests beside."""

from tests.fakes.postgres_fixture import postgres_url

__all__ = ["postgres_url"]
