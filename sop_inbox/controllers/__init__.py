from . import parcel
from . import webhook
