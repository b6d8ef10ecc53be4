"""Facebook and Zalo: signatures, formats, limits, what each of them has alone. Most need no database."""

from . import test_channel_formats
from . import test_channel_rules
from . import test_channel_tools
from . import test_platform_today
