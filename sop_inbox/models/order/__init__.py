"""Orders made in a conversation: form, receipt, export.

Uses channel, conversation and outbound.
"""

from . import sale_order
from . import product_product
from . import product_template
from . import res_company
from . import res_config_settings
from . import sale_order_chat
from . import sale_order_line
from . import sale_order_receipt
from . import sop_conversation
from . import sop_conversation_form
from . import sop_conversation_search
from . import sop_order_export
