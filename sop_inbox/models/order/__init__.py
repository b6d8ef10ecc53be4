"""Orders made in a conversation: form, receipt, export.

Uses channel, conversation and outbound.
"""

from . import sale_order
from . import base_partner_merge
from . import mail_message
from . import product_product
from . import product_template
from . import res_company
from . import res_config_settings
from . import sale_order_chat
from . import sop_call_rule
from . import sale_order_call
from . import sale_order_line
from . import sale_order_receipt
from . import sale_order_transfer
from . import sop_order_form
from . import sop_order_form_address
from . import sop_order_form_making
from . import sop_order_form_search
from . import sale_order_unknown
from . import sop_conversation
from . import sop_conversation_reply
from . import sop_conversation_transfer
from . import sop_conversation_priority
from . import sop_conversation_drop
from . import sop_inbox_screen
from . import sop_order_form_history
from . import sop_old_address
from . import sop_order_sheet
from . import sop_order_export
