"""Shipping fees, parcels and collected cash of Vietnamese carriers.

Uses conversation and order.
"""

from . import delivery_carrier_quote
from . import sale_order_parcel
from . import sop_conversation_parcel
from . import delivery_carrier
from . import delivery_carrier_hook
from . import delivery_carrier_parcel
from . import sop_carrier
from . import sop_carrier_ghn
from . import sop_carrier_ghtk
from . import sop_carrier_jt
from . import sop_carrier_place
from . import sop_carrier_rate
from . import sop_carrier_viettelpost
from . import sop_shipping_quote
from . import sop_parcel
from . import sop_parcel_act
from . import sop_parcel_event
from . import sop_parcel_life
from . import sop_parcel_words
from . import sop_parcel_failed
from . import sop_parcel_notice
from . import sop_parcel_news
from . import sop_parcel_reason
from . import sop_parcel_returned
from . import res_company
from . import res_config_settings
from . import sop_parcel_facts
from . import sop_parcel_policy
from . import sop_parcel_risk_read
from . import sop_parcel_policy_effect
from . import sop_parcel_exclude
from . import sop_parcel_batch
from . import sop_parcel_label
from . import sop_cod_statement
from . import sop_cod_statement_work
from . import sop_cod_statement_payout
from . import sop_cod_line
from . import sop_cod_claim
from . import sop_parcel_cod
from . import sop_cod_statement_past
from . import sale_order_result
from . import stock_picking
