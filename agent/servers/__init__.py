"""What our HTTP servers share, and what is asked of the LiveKit server: rooms, tokens, tickets, dispatches."""
