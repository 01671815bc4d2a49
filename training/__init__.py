"""What our small models learned from, and how: scripts that a developer runs again with data of their own."""
