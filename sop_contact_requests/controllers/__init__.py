from . import contact_form
from . import embed
from . import portal
from . import shop
