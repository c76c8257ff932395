"""`python -m jobctl.daemon.sender HOME LABEL…`: make some deliveries, all at once, and say on record what came of each.

A program of its own, so that neither HTTP and TLS nor a slow receiver is in the daemon. Each delivery is made by
whoever has its `Turn`, so that another daemon's sender does not make it beside this one. A sender that is killed
leaves deliveries that will be made again: at least once, never lost.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess  # noqa: TID251  # a program of its own, with threads, in which forking by hand would be unsafe
import sys
from concurrent import futures

from jobctl.daemon import moments, post
from jobctl.daemon.post import Outcome
from jobctl.errors import JobctlError
from jobctl.model import webhook
from jobctl.store import clock, config, outbox, records
from jobctl.store.layout import Layout, default_config
from jobctl.store.outbox import Tries, Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from jobctl.store.outbox import Delivery, Label

#: Seconds from one try to the next: Standard Webhooks 1.0 with a second try for who was just being restarted. After
#: the last it is given up, about four days after the first.
PAUSES: Final = (5, 30, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
#: The jitter: a pause is this much longer at most, as a part of it, so that receivers do not get all at once.
_JITTER: Final = 0.2
#: Longest pause that a receiver can ask for by Retry-After, in seconds.
_LONGEST_ASKED: Final = 86400.0
#: Seconds for a whole delivery, by what it is.
WITHIN: Final = {"webhook": 30.0, "command": 300.0}
#: Exit status by which a command asks to be run again later (EX_TEMPFAIL of sysexits.h).
_TRY_LATER: Final = 75


def main(arguments: Sequence[str]) -> int:
    """Make the deliveries that *arguments* name, behind the home; return 0, whatever came of them."""
    layout = Layout(arguments[0])
    turns: dict[Label, Turn] = {}
    for word in arguments[1:]:
        label = outbox.parse_label(word)
        if label is not None:
            try:
                turns[label] = Turn(layout, label)
            except BlockingIOError:
                continue  # Another sender makes it; the daemon looks again.
            except FileNotFoundError:
                outbox.forget(layout, label)  # Its job was forgotten.
    _deliver_all(layout, turns)
    return 0


def _deliver_all(layout: Layout, turns: dict[Label, Turn]) -> None:
    before: dict[Label, Tries] = {}
    begun: dict[futures.Future[Outcome], Label] = {}
    until: dict[Label, float] = {}
    pool = futures.ThreadPoolExecutor(max(1, len(turns)))
    for label, turn in turns.items():
        known, again = outbox.tries(layout, label), outbox.is_wanted_again(layout, label)
        if known.state != outbox.WAITING and not again:
            # It was made, and its maker was killed before it could say so by the mark.
            outbox.forget(layout, label)
            turn.give_up()
            continue
        before[label] = Tries() if again else known
        try:
            delivery = outbox.read(layout, label)
        except JobctlError as unreadable:
            turn.save(_after(before[label], Outcome(delivered=False, final=True, result=str(unreadable))))
            continue
        until[label] = clock.steady() + WITHIN[delivery.kind] + 1
        begun[pool.submit(_deliver, layout, label, delivery)] = label
    while begun:
        left = min(until[label] for label in begun.values()) - clock.steady()
        done, _ = futures.wait(begun, timeout=max(0.0, left), return_when=futures.FIRST_COMPLETED)
        late = {future for future, label in begun.items() if until[label] <= clock.steady()}
        for future in done | late:
            label = begun.pop(future)
            outcome = future.result() if future.done() else Outcome(delivered=False, result="no answer in time")
            turns[label].save(_after(before[label], outcome))
            turns[label].give_up()


def _deliver(layout: Layout, label: Label, delivery: Delivery) -> Outcome:
    try:
        if delivery.kind == "webhook":
            secrets = config.load(default_config(os.environ)).secrets
            keys = tuple(webhook.key(secret) for secret in secrets)
            return post.send(delivery.target, delivery.message, delivery.body, keys, within=WITHIN["webhook"])
        return _run(layout, label, delivery)
    except (JobctlError, OSError) as failure:
        # Unsigned is not sent: while the configuration is wrong the delivery waits.
        return Outcome(delivered=False, result=str(failure))


def _after(before: Tries, outcome: Outcome) -> Tries:
    """Return what is on record after another try that came to *outcome*."""
    tries = before.tries + 1
    told = Tries(tries=tries, last_at=clock.now(), result=outcome.result)
    if outcome.delivered:
        return told.but(state=outbox.DELIVERED)
    if outcome.final or tries > len(PAUSES):
        return told.but(state=outbox.FAILED)
    pause = PAUSES[tries - 1] * (1 + _JITTER * random.random())  # noqa: S311  # spreads, keeps no secret
    if outcome.retry_after is not None:
        pause = min(max(outcome.retry_after, 1.0), _LONGEST_ASKED)
    return told.but(next_at=moments.later(clock.now(), pause), due=clock.steady() + pause, boot=clock.boot_id())


def _run(layout: Layout, label: Label, delivery: Delivery) -> Outcome:
    """Run a command with what it is told in its environment and, as JSON, on its standard input."""
    shown, log = delivery.body["job"], layout.delivery(label.job, label.number, "log")
    environ, umask, cwd = {**os.environ}, 0o077, "/"
    try:
        spec = records.spec(layout, label.job)
        environ, umask, cwd = dict(spec.env), spec.umask, spec.cwd
    except (JobctlError, OSError):
        pass  # It was forgotten meanwhile: the command is run all the same, in the daemon's surroundings.
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as output:
        process = subprocess.Popen(  # noqa: S603  # it is the user's own command
            ["/bin/sh", "-c", delivery.target],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**environ, **variables(layout, shown, delivery.message)},
            cwd=cwd if os.path.isdir(cwd) else "/",
            umask=umask,
            start_new_session=True,
        )
        try:
            process.communicate(post.encoded(delivery.body), timeout=WITHIN["command"])
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return Outcome(delivered=False, final=True, result=f"ended after {WITHIN['command']:.0f} s; see {log}")
    code = process.returncode
    if code == 0:
        return Outcome(delivered=True, result="exited with status 0")
    how = f"ended by signal {-code}" if code < 0 else f"exited with status {code}"
    return Outcome(delivered=False, final=code != _TRY_LATER, result=f"{how}; see {log}")


def variables(layout: Layout, shown: dict[str, object], message: str) -> dict[str, str]:
    """Return what a command of --on-finish finds in its environment (jobctl(1), ENVIRONMENT)."""
    facts = {
        "JOBCTL_JOB_ID": shown.get("id"),
        "JOBCTL_NAME": shown.get("name"),
        "JOBCTL_QUEUE": shown.get("queue"),
        "JOBCTL_STATE": shown.get("state"),
        "JOBCTL_REASON": shown.get("reason"),
        "JOBCTL_EXIT_CODE": shown.get("exit_code"),
        "JOBCTL_SIGNAL": shown.get("signal"),
        "JOBCTL_STATUS": shown.get("status_path"),
        "JOBCTL_DELIVERY": message,
        "JOBCTL_HOME": layout.home,
    }
    return {name: "" if fact is None else str(fact) for name, fact in facts.items()}


if __name__ == "__main__":
    status = main(sys.argv[1:])
    # Not by returning: a receiver that never answers would keep its thread, and with it the process.
    os._exit(status)
