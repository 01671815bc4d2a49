"""Debian roots made with debootstrap, to try what a fresh machine or a container would do. Needs root on Debian."""
