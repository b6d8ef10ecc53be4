from . import test_inbox_conversation
from . import test_inbox_filters
from . import test_inbox_livechat
from . import test_inbox_race
from . import test_inbox_reply
from . import test_inbox_rights
from . import test_inbox_text
from . import test_inbox_work
