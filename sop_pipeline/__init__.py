from . import controllers
from . import models
from . import report
from . import wizard
from .tools import quiet_logs
from .hooks import post_init_hook, uninstall_hook

quiet_logs.install()
