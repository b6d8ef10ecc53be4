from . import sop_seller_transfer
