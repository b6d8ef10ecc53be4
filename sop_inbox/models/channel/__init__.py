"""A platform's apps and accounts, and what a provider of messages must be able to do.

Uses nothing of the other packages.
"""

from . import sop_provider
from . import sop_provider_livechat
from . import sop_channel_app
from . import sop_channel_account
from . import im_livechat_channel
from . import res_config_settings
from . import ir_http
