from . import sop_pipeline_report
from . import sop_pipeline_funnel
from . import sop_calibration
from . import sop_interaction_funnel
from . import sop_dashboard
from . import sop_today
from . import sop_history_check
