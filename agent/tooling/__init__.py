"""Finds the tools, and wraps each in what all share: time limits, read-backs, errors as sentences."""
