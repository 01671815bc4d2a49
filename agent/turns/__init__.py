"""Who has the floor: listening, the witnesses of a turn's end, how long is waited, and the voice that goes out."""
