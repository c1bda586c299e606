"""What a fault does to a connection that is ending anyway."""

import pytest

from starloop.sky.server.connection import Line


class Transport:
    """A connection, closed or not, that notes when it is torn down."""

    def __init__(self, closing):
        self.is_closing = lambda: closing
        self.aborted = False

    def abort(self):
        self.aborted = True


def test_a_client_that_has_left_cannot_be_reset():
    transport = Transport(closing=True)
    Line(transport).reset()
    assert not transport.aborted


@pytest.mark.parametrize("order", [("hold", "end"), ("end", "hold")], ids=" ".join)
def test_a_client_kept_waiting_is_let_go_when_the_server_stops(order):
    transport = Transport(closing=False)
    line = Line(transport)
    for step in order:
        assert not transport.aborted
        getattr(line, step)()
    assert transport.aborted


def test_a_client_that_waited_long_enough_gets_the_rest_of_its_answer():
    transport = Transport(closing=False)
    line = Line(transport)
    line.hold()
    line.release()
    line.end()
    assert not transport.aborted
