from . import sop_pipeline_report
from . import sop_pipeline_funnel
