"""What is done to the line, and what it brings besides a voice."""
