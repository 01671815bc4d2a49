"""What stands around whoever thinks: the local understanding as an LLM, routing, cached answers, passages."""
