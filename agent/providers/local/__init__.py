"""Hearing, speaking and vectors without a key: the speech process, its models, and a job's line to it."""
