"""`hailong work`: the one background process; it sends, reads what came back, and does the heavy jobs."""

from __future__ import annotations

import imaplib
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from survey.alerts import rounds as alert_rounds
from survey.alerts.post import Post
from survey.callbacks import finishing
from survey.db.logins import login_of
from survey.delivery import bounces
from survey.delivery.worker import Worker
from survey.errors import Conflict, NotFound
from survey.i18n import msgid
from survey.ledger import sealing, signing_key
from survey.logs import log
from survey.operations import backup_process, child_processes, cosigning, duty_rounds, job_runner, retention
from survey.operations.jobs import Claim
from survey.periods import local_day, now
from survey.results import daily_counting, link_cut
from survey.results.scope import standard_of
from survey.web.survey import Survey, this_survey

DELIVERY_SECONDS = 10.0
ALERTS_SECONDS = 300.0  # asked this often whether an hour is over
BACKUP_SECONDS = 900.0  # asked this often whether one is due
BOUNCES_SECONDS = 300.0
DUTIES_SECONDS = 900.0
TIDY_SECONDS = 3600.0
SEAL_SECONDS = 60.0
WITNESS_SECONDS = 10.0  # asked this often whether a witness has not signed what is sealed
COUNT_SECONDS = 60.0  # what has changed of days that are over is counted from the answers until then
JOB_SECONDS = 1.0  # somebody waits for it
NOT_OWNER = msgid(
    "Background work needs the login that owns the tables; %(login)s has not its rights. Check DATABASE_URL."
)


ATTACHED = click.option(
    "--attached", "is_attached", is_flag=True, hidden=True, help="Stop when the standard input ends."
)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and stop.")
@ATTACHED
@with_appcontext
def work(once: bool, is_attached: bool) -> None:
    """Send what is due, tell webhooks, and make the reports and posters that were asked for, until stopped.

    Any number of these may run at the same time, on one machine or on several that share the instance folder.
    """
    survey, stop = this_survey(), threading.Event()
    if login_of(survey.database.url) is not None:
        raise Conflict(NOT_OWNER, login=survey.database.url.username)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if is_attached:
        child_processes.watch_parent(stop.set)
    rounds: list[tuple[float, Callable[[], object]]] = [
        (DUTIES_SECONDS, lambda: _do_duties(survey)),
        (ALERTS_SECONDS, lambda: _look_for_alerts(survey)),
        (DELIVERY_SECONDS, lambda: _deliver(survey, stop)),
        (BOUNCES_SECONDS, lambda: _collect_bounces(survey)),
        (BACKUP_SECONDS, lambda: backup_process.run_due(survey.settings, stop)),
        (TIDY_SECONDS, lambda: _erase(survey)),
        (TIDY_SECONDS, lambda: link_cut.run(survey.database, survey.settings.days_to_answer)),
        (SEAL_SECONDS, lambda: _seal(survey)),
        (WITNESS_SECONDS, lambda: cosigning.ask_all(survey.database, now)),
        (SEAL_SECONDS, lambda: finishing.run(survey.database, now())),
        (COUNT_SECONDS, lambda: _count_days(survey)),
        (TIDY_SECONDS, lambda: _compare_days(survey)),
        (JOB_SECONDS, lambda: job_runner.run_next(survey.database, stop)),
    ]
    if once:
        for _rest, act in rounds:
            while act():
                pass
        return
    threads = [threading.Thread(target=_again, args=(stop, rest, act)) for rest, act in rounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@click.command(hidden=True)
@click.argument("number", type=int)
@click.argument("attempt", type=int)
@with_appcontext
def job(number: int, attempt: int) -> None:
    """Do one job that `hailong work` has claimed."""
    child_processes.watch_parent(lambda: os._exit(1))
    child_processes.step_back()
    from survey.operations import job_kinds

    job_kinds.perform(this_survey().database, this_survey().settings, Claim(number, attempt))


def _again(stop: threading.Event, rest: float, act: Callable[[], object]) -> None:
    """Act, and act again at once where there was something to do; a store that cannot be reached is waited for."""
    while not stop.is_set():
        acted: object = None
        try:
            acted = act()
        except OperationalError as error:
            log.error("database_unavailable", kind=type(error.orig).__name__)
        except Exception as error:
            log.error("work_fault", kind=type(error).__name__, exc_info=error)
        if not acted:
            stop.wait(rest)


def _do_duties(survey: Survey) -> None:
    """Do what the calendar of duties asks for, all of it at once, so that there is nothing to do again."""
    with suppress(NotFound):  # nothing has been set up yet, so nothing is owed
        if number := duty_rounds.run(survey.database, standard_of(survey.settings), survey.languages[0], now()):
            log.info("duties_done", number=number)


def _look_for_alerts(survey: Survey) -> None:
    chosen = survey.settings
    post = Post(chosen.secret_key, chosen.public_url, survey.languages)
    with suppress(NotFound):  # nothing has been set up yet, so nothing can stand out
        if number := alert_rounds.run(survey.database, standard_of(chosen), post, now()):
            log.info("alerts_queued", number=number)


def _collect_bounces(survey: Survey) -> None:
    try:
        if number := bounces.collect(survey.database, survey.settings):
            log.info("messages_returned", number=number)
    except (OSError, imaplib.IMAP4.error) as error:
        log.error("mailbox_unavailable", kind=type(error).__name__)


def _erase(survey: Survey) -> None:
    """Erase all that is due, so that there is nothing to do again at once."""
    retention.run(survey.database, survey.settings)


def _seal(survey: Survey) -> None:
    """Seal the ledger, unless its key belongs to another account, whose `hailong seal` does it."""
    key = signing_key.file_of(survey.settings)
    if os.access(key, os.R_OK) and (done := sealing.seal(survey.database, key, now())):
        log.info("ledger_sealed", number=done.size)


def _count_days(survey: Survey) -> None:
    """Count the days that are over and not counted yet, or have changed since."""
    if number := daily_counting.keep(survey.database, local_day(now())):
        log.info("days_counted", number=number)


def _compare_days(survey: Survey) -> None:
    """Compare what is kept of a 24th of all days with a recount: each hour, so that a day and a night compare all."""
    for span in daily_counting.compare(survey.database, now().hour):
        log.error("counts_differ", first=span.first.isoformat(), last=span.last.isoformat(), number=span.rows)


def _deliver(survey: Survey, stop: threading.Event) -> None:
    worker = Worker(survey.database, survey.settings, survey.languages, goes_on=lambda: not stop.is_set())
    with suppress(NotFound):  # nothing has been set up yet, so there is nothing to send
        worker.run()
