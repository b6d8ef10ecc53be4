"""Orders made in a conversation: addresses, form, receipt, transfer, export, the call to confirm."""

from . import test_address
from . import test_amount
from . import test_call_confirm
from . import test_dropped
from . import test_old_address
from . import test_order_address
from . import test_order_confirm
from . import test_order_create
from . import test_order_export
from . import test_order_form
from . import test_order_history
from . import test_order_money
from . import test_order_race
from . import test_order_sheet
from . import test_order_speed
from . import test_order_tools
from . import test_order_unknown
from . import test_priority
from . import test_transfer
