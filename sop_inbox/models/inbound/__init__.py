"""The way of a platform's events into conversations: webhook, events, media, posts, comments.

Uses channel, conversation and outbound.
"""

from . import sop_channel_app
from . import ir_cron
from . import sop_channel_event
from . import sop_channel_media
from . import sop_channel_post
from . import sop_channel_applier
from . import sop_comment_applier
from . import sop_identity
from . import sop_channel_account
from . import sop_channel_message
from . import sop_ad_touch
from . import sop_conversation
from . import sop_conversation_panel
