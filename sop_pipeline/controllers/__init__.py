from . import signed_dispatcher
from . import call_event
