"""What the bank reports: transfers seen by SePay, Casso and payOS confirm the orders they pay.

Door (feed) -> raw line, kept once -> worker -> core's ``payment.transaction``, which confirms the order, posts the payment and
starts packages. Imports nothing of the rest of this addon but the queue, the guard and personal data.
"""

from . import res_company
from . import payment_provider
from . import payment_transaction
from . import sop_bank_feed
from . import sop_bank_feed_poll
from . import sop_bank_line
from . import sop_bank_line_match
from . import sop_bank_line_hand
from . import sop_bank_line_personal
from . import sale_order
