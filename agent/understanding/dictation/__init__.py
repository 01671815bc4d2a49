"""Whether a value that is being dictated has been said to its end."""
