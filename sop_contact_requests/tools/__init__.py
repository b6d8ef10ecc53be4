from . import intervals
from . import masking
from . import stamp
