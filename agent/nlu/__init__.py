"""What was meant, without an LLM. Pure: no LiveKit, no sockets, no files."""
