"""Conversations as people work on them: messages, assignment, customer, list, replies, panel.

Uses channel.
"""

from . import sop_identity
from . import sop_conversation
from . import sop_conversation_part_mixin
from . import sop_conversation_messages
from . import sop_conversation_assignment
from . import sop_conversation_customer
from . import sop_conversation_find
from . import product_template
from . import product_product
from . import sale_order
from . import sop_conversation_price
from . import sop_conversation_recount
from . import sop_conversation_panel
from . import sop_conversation_reply
from . import sop_inbox_screen
from . import sop_conversation_parts
from . import sop_conversation_tally
from . import sop_duty
from . import chatbot_script
from . import chatbot_script_step
from . import im_livechat_channel_rule
from . import sop_conversation_bot
from . import sop_picture
from . import sop_response
from . import sop_tag_rule
from . import discuss_channel
from . import discuss_channel_member
from . import mail_canned_response
from . import mail_message
from . import crm_lead
from . import crm_team
from . import crm_team_member
from . import ir_attachment
from . import ir_websocket
from . import res_partner
from . import res_users
from . import sop_channel_account
