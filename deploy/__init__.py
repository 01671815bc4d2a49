"""Everything around the engine: setting a machine up, running on it, packing it."""
