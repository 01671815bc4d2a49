"""What outlives a call. Knows no LiveKit, and keeps words only as the door has let them through."""
