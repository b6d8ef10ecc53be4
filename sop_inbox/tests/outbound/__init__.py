"""The way of a reply to its platform: outbox, reactions, macros, sending later."""

from . import test_channel_acts
from . import test_channel_out
from . import test_feedback
from . import test_macro
from . import test_send_later
