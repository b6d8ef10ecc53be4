"""Where the inbox keeps data of customers, and how it is erased and exported (``sop.personal.data.mixin``).

Uses all other packages; none uses it.
"""

from . import sop_identity
from . import sop_conversation
from . import discuss_channel
from . import mail_guest
from . import mail_scheduled_message
from . import sop_channel_event
from . import sop_channel_message
from . import sop_channel_media
from . import sop_conversion_event
from . import sop_live_claim
from . import sop_old_address
from . import sop_ad_touch
from . import sop_order_export
from . import sop_parcel
from . import stock_picking
from . import sale_order
