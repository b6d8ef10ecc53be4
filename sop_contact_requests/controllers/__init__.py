from . import contact_form
from . import embed
from . import portal
from . import programme
from . import shop
from . import portal_follow
from . import worker
