"""Chains: several providers of one role, so that a caller does not notice which of them is down."""
