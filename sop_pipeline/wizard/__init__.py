from . import sop_team_adopt
from . import sop_team_adopt_line
from . import base_partner_merge
