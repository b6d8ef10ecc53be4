"""Livestreams: codes, comments that become orders, the board.

Uses inbound and order.
"""

from . import sop_live_session
from . import sop_live_session_board
from . import sop_live_item
from . import sop_live_claim
from . import sop_channel_post
from . import sop_conversation_panel
from . import sale_order
from . import sale_order_line
