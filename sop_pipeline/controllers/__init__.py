from . import signed_dispatcher
from . import call_event
from . import bank
from . import wards
