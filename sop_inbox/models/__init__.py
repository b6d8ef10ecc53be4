"""The rooms of the inbox, in this order: none uses one that comes after it."""

from . import channel
from . import conversation
from . import outbound
from . import inbound
from . import platform
from . import order
from . import carrier
from . import live
from . import conversion
from . import personal
