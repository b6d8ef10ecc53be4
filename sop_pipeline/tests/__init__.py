from . import test_phone
from . import test_journey_interactions
