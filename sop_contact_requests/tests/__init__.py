from . import test_entitlement
from . import test_packages
from . import test_tools
