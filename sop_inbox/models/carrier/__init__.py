"""Shipping fees and parcels of Vietnamese carriers.

Uses order.
"""

from . import delivery_carrier_quote
from . import delivery_carrier
from . import delivery_carrier_parcel
from . import sop_carrier
from . import sop_carrier_ghn
from . import sop_carrier_ghtk
from . import sop_carrier_jt
from . import sop_carrier_place
from . import sop_carrier_rate
from . import sop_carrier_viettelpost
from . import sop_parcel
from . import sop_parcel_act
from . import stock_picking
