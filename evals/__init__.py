"""How good it is, measured from outside: callers of our own against the real servers."""
