"""What one text says: its words, numbers, codes, names, days, and in which part of it."""
