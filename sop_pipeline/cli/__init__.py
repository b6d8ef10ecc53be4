from . import sop_pipeline_check
