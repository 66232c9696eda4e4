"""Which tests one process must have together; every other one goes to whoever is free."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# One demonstration, province, report or server for all tests that look at it, and no two tests at once that keep
# servers busy. By file, because the marks that pytest-xdist has for this are lost with pytest 9.2.
TOGETHER = {
    "tests/demo/test_demo.py": "demo",
    "tests/demo/test_actions.py": "fifth",
    "tests/demo/test_filling.py": "fifth",
    "tests/demo/test_follow_ups.py": "fifth",
    "tests/deploy/test_nginx.py": "nginx",
    "tests/operations/test_failover.py": "server",
    "tests/reports/test_documents.py": "reports",
    "tests/reports/test_reports.py": "reports",
    "tests/web/staff/test_dashboard.py": "dashboard",
    "tests/rules/test_kill.py": "server",
    "tests/rules/test_concurrency.py": "server",
    "tests/rules/test_rehearsal.py": "server",
    "tests/rules/test_failing_disk.py": "server",
    "tests/rules/test_hung_database.py": "server",
    "tests/rules/test_clock_jumps.py": "server",
    "tests/deploy/test_slow_connections.py": "server",
}


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Give each test to whoever is free, those of one group to the same process."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)
