"""Every scheduled job of the addons holds when another transaction gets in its way: core replays a request, and fails a job."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: A job is done again as a whole, or what it does is done in transactions of their own that are
HOLDS = re.compile(r"@replayed\b|\bself\._queue_run\(|\bin_own_transaction\(")


def jobs_of(text):
    """Methods a Python file has for scheduled jobs: name -> source."""
    return {
        method.name: "\n".join([*(f"@{ast.unparse(line)}" for line in method.decorator_list), ast.unparse(method)])
        for owner in ast.walk(ast.parse(text))
        if isinstance(owner, ast.ClassDef)
        for method in owner.body
        if isinstance(method, ast.FunctionDef) and method.name.startswith("_cron_")
    }


def all_jobs():
    """All of them: (path, name, source)."""
    files = [path for path in sorted(ROOT.glob("sop_*/**/*.py")) if "tests" not in path.parts]
    return [(path, name, source) for path in files for name, source in jobs_of(path.read_text()).items()]


def test_no_job_fails_because_somebody_is_in_its_way():
    found = all_jobs()
    assert len(found) > 25
    assert [f"{path.relative_to(ROOT)}: {name}" for path, name, source in found if not HOLDS.search(source)] == []


def test_each_scheduled_job_calls_such_a_method():
    """So that none is overlooked for its name."""
    names = {name for _path, name, _source in all_jobs()}
    called = {
        code
        for path in ROOT.glob("sop_*/data/*.xml")
        for record in re.findall(r'<record [^>]*model="ir\.cron".*?</record>', path.read_text(), re.DOTALL)
        for code in re.findall(r'<field name="code">(.*?)</field>', record, re.DOTALL)
    }
    assert len(called) > 20
    assert called <= {f"model.{name}()" for name in names}


def test_a_job_that_would_fail_is_found():
    text = """
class One(models.Model):
    @api.model
    def _cron_bare(self):
        self.search([]).write({})

    @api.model
    @replayed
    def _cron_whole(self):
        self.search([]).write({})

    def _cron_steps(self):
        self._queue_run(self.step)
"""
    assert [name for name, source in jobs_of(text).items() if not HOLDS.search(source)] == ["_cron_bare"]
