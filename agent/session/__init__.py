"""How one call is put together out of a profile, and how it begins."""
