"""Facebook and Zalo, and templates: what only some platforms have.

Uses all packages above; nothing names it.
"""

from . import sop_provider_facebook
from . import sop_provider_zalo
from . import sop_channel_template
from . import sop_channel_message
from . import sop_conversation
from . import sop_conversation_panel
from . import sop_channel_account
