from . import base_partner_merge
from . import sop_seller_transfer
