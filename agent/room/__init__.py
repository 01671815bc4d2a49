"""Who is in a call's room, which of them is the caller, and what they bring: a voice, written words, keys."""
