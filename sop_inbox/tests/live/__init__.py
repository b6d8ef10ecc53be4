"""Livestreams: codes, comments that become orders, the board."""

from . import test_channel_live
