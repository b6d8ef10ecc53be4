from . import sop_privacy_wizard
from . import privacy_lookup_wizard
from . import sop_team_adopt
from . import sop_team_adopt_line
from . import base_partner_merge
