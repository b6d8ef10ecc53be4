from . import sop_seller_report
