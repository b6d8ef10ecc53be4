"""People at work on conversations: list, search, assignment, replies, rights, live chat and chatbots."""

from . import test_chatbot
from . import test_inbox_conversation
from . import test_inbox_filters
from . import test_inbox_livechat
from . import test_inbox_race
from . import test_inbox_reply
from . import test_inbox_rights
from . import test_inbox_speed
from . import test_inbox_tally
from . import test_inbox_text
from . import test_inbox_work
from . import test_leaving
from . import test_press_race
from . import test_search
from . import test_told_price
from . import test_trust_chat
from . import test_trust_links
