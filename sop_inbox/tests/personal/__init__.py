"""Where data of customers is kept, and that one erasure reaches it."""

from . import test_merge
from . import test_privacy
