"""One call, and what tools may ask of it: identity, agreement, its line, its score."""
