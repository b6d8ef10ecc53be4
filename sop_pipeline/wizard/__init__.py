from . import sop_team_adopt
from . import sop_team_adopt_line
