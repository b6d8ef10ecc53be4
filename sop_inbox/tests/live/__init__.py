"""Livestreams: codes, comments that become orders, the board."""
