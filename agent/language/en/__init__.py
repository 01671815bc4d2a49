"""English: the only language in which no LLM is needed (agent/understanding reads it)."""
