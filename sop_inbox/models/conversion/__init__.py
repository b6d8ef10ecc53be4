"""Consent, and conversions reported to platforms.

Uses inbound and order.
"""

from . import sop_conversion_event
from . import res_company
from . import res_partner
from . import sale_order
from . import sop_conversion_sender
from . import sop_conversation
