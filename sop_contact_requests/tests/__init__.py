from . import test_cron
from . import test_embed
from . import test_entitlement
from . import test_form
from . import test_hidden_phone
from . import test_lead
from . import test_packages
from . import test_performance
from . import test_portal
from . import test_private_link
from . import test_requests
from . import test_roles
from . import test_tools
<<<<<<< HEAD
from . import test_doors
=======
from . import test_guard
>>>>>>> 238505b ([FIX] sop_pipeline, sop_contact_requests: proofs are kept, links are checked, and a request's lead shows its number to its team alone)
