"""The tests of a package of `models/` are in the folder of its name; those of several packages, and what tests share, are here."""

from . import test_channel_log
from . import test_door_cost
from . import test_doors
from . import test_http_out
from . import test_inbox_linear
from . import test_inbox_smaller
from . import test_js
from . import test_network_workers
from . import test_queue
from . import test_rooms
from . import test_routes
from .channel import *
from .conversation import *
from .outbound import *
from .inbound import *
from .platform import *
from .order import *
from .carrier import *
from .live import *
from .conversion import *
from .personal import *
