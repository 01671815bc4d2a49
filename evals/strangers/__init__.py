"""`python -m evals strangers`: conversations with callers made of strangers' sentences. See command.py."""

from evals.strangers.command import main

__all__ = ["main"]
