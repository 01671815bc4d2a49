"""What outlives a call. Knows no LiveKit, and keeps none of the caller's words."""
