"""An order to keep an attempt, on its way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jobctl.daemon import orders
from jobctl.daemon.job import Run
from jobctl.model.limits import Limits

if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def test_an_order_arrives_as_it_was_given_with_descriptors_that_no_job_inherits(layout: Layout) -> None:
    """With another life, say, a keeper would not hear that its job is cancelled."""
    limits = Limits(timeout=50, grace=7, max_output=5000, keep_children=True, nice=5)
    given = Run(17, 3, 2, layout.attempt(17, 3, 2), life=4, limits=limits, launched_at=1.0)
    ours, its = orders.pair()
    first, second = os.pipe()
    orders.send(ours, layout, given, first, second)
    order = orders.receive(its)
    assert order is not None
    home, run, descriptors = order
    assert home.home == layout.home
    for field in ("job", "task", "attempt", "directory", "life", "limits"):
        assert getattr(run, field) == getattr(given, field), field
    assert [os.fstat(fd).st_ino for fd in descriptors] == [os.fstat(fd).st_ino for fd in (first, second)]
    assert [os.get_inheritable(fd) for fd in descriptors] == [False, False]
    for fd in (first, second, *descriptors):
        os.close(fd)
    ours.close()
    assert orders.receive(its) is None, "no more will come"
    its.close()
