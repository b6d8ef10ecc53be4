"""Fees, parcels and collected cash of carriers."""

from . import test_carrier_places
from . import test_cod_statement
from . import test_order_carriers
from . import test_order_parcels
from . import test_parcel_batch
from . import test_parcel_chat
from . import test_parcel_life
from . import test_parcel_news
from . import test_parcel_risk
from . import test_parcel_strangers
from . import test_shipping_quote
