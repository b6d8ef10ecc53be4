"""What the server writes into its log, read in a test as whoever reads the log would."""

import io
import logging
from contextlib import contextmanager

from ..tools.quiet_logs import quieten


class LogsMixin:
    """``log`` and ``assertUntold`` for test cases."""

    @contextmanager
    def log(self):
        """Yield a list that holds the whole log as one text afterwards, at the level a shop is run with."""
        text, stream = [], io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        quieten(handler)
        loggers = [logging.getLogger(name) for name in (None, "odoo", "werkzeug")]
        levels = [logger.level for logger in loggers]
        loggers[0].addHandler(handler)
        try:
            for logger in loggers:
                logger.setLevel(logging.INFO)
            yield text
        finally:
            loggers[0].removeHandler(handler)
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
            text.append(stream.getvalue())

    def assertUntold(self, text, *values):
        """None of these values is in a text, neither as it is nor quoted."""
        for value in values:
            for form in (value, value.replace(" ", "%20"), value.replace(" ", "+"), value.encode("unicode-escape").decode()):
                self.assertNotIn(form, text)
