"""Who says whether a turn is over: one file each, all of one shape (witness.py)."""
