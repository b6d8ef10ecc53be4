"""The way of an event into a conversation: webhook, events, files and profiles."""

from . import test_channel_in
from . import test_channel_media
from . import test_channel_webhook
