"""The way of a reply to its platform: outbox, files, delivery states.

Uses channel and conversation.
"""

from . import sop_channel_message
from . import sop_channel_message_outbox
from . import sop_channel_message_comment
from . import sop_channel_upload
from . import sop_channel_account
from . import sop_provider
from . import sop_conversation_sending
from . import sop_conversation_panel
from . import sop_conversation_reply
from . import sop_inbox_screen
from . import sop_conversation
from . import mail_message
from . import mail_scheduled_message
from . import sop_conversation_feedback
from . import sop_macro
from . import mail_message_reaction
