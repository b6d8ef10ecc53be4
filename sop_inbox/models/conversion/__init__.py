"""Consent, and conversions reported to platforms.

Uses inbound, order and carrier.
"""

from . import sop_ad_spend
from . import sale_order_ads
from . import sop_conversion_event
from . import res_company
from . import res_partner
from . import res_config_settings
from . import sale_order
from . import sop_parcel
from . import sop_conversion_event_sender
from . import sop_conversation
from . import sop_order_form
from . import sop_conversation_consent
