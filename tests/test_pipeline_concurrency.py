"""Several browsers, tabs and scripts at once on one lead: nothing is lost, nothing is doubled."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import RpcError

pytestmark = pytest.mark.concurrency
AT_ONCE = 8


def at_once(run, arguments):
    """Run a function over the arguments in parallel; errors come back as values."""

    def guarded(argument):
        try:
            return run(argument)
        except RpcError as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(guarded, arguments))


@pytest.fixture
def lead(server):
    sales = server.client("sales")
    [team] = sales.search("crm.team", ["sop_process", "=", True], limit=1)
    lead = sales.create("crm.lead", name="Cùng lúc", phone="0912000111", type="opportunity", team_id=team, user_id=sales.uid)
    yield lead
    # a call left open would ask for its answer in every browser of this seller
    server.client("admin").call("crm.lead", "unlink", [lead])


@pytest.fixture
def tabs(server):
    return [server.client("sales") for _number in range(AT_ONCE)]


def test_call_pressed_everywhere_is_one_call(server, lead, tabs):
    answers = at_once(lambda tab: tab.call("crm.lead", "action_sop_call", [lead]), tabs)
    assert not [answer for answer in answers if isinstance(answer, RpcError)], answers
    assert len({answer["params"]["call_id"] for answer in answers}) == 1
    assert server.sql("SELECT count(*) FROM sop_call WHERE lead_id = %s", lead) == [(1,)]


def test_rating_sent_everywhere_is_one_rating(server, lead, tabs):
    """Each tab sends another face: one is kept, the others are told; the same face again is welcome."""
    call = tabs[0].call("crm.lead", "action_sop_call", [lead])["params"]["call_id"]
    tabs[0].call("sop.call", "action_answered", [call])
    faces = ["interested", "thinking"] * (AT_ONCE // 2)
    answers = at_once(lambda pair: pair[0].call("sop.call", "action_rate", [call], pair[1]), zip(tabs, faces, strict=True))
    [(kept,)] = server.sql("SELECT interest FROM sop_call WHERE id = %s", call)
    for face, answer in zip(faces, answers, strict=True):
        if face == kept:
            assert answer is True
        else:
            assert isinstance(answer, RpcError)
    assert server.sql("SELECT sop_interest, sop_code FROM crm_lead WHERE id = %s", lead) == [(kept, "contact")]
    assert server.sql("SELECT count(*) FROM sop_stage_move WHERE lead_id = %s AND cause = 'call_rated'", lead) == [(1,)]


def test_many_facts_at_once_leave_one_history(server, lead, tabs):
    """Orders confirmed at the same moment move the lead once, and its history has no gap."""
    partner = tabs[0].create("res.partner", name="Khách mua nhiều")
    [product] = tabs[0].search("product.product", ["list_price", ">", 0], ["type", "=", "consu"], limit=1)
    orders = [
        tabs[0].create("sale.order", partner_id=partner, opportunity_id=lead, order_line=[[0, 0, {"product_id": product}]]) for _number in range(4)
    ]
    answers = at_once(lambda pair: pair[0].call("sale.order", "action_confirm", [pair[1]]), zip(tabs, orders, strict=False))
    assert not [answer for answer in answers if isinstance(answer, RpcError)], answers
    rows = server.sql("SELECT from_code, to_code, to_status FROM sop_stage_move WHERE lead_id = %s ORDER BY id", lead)
    assert rows == [(None, "collect", "open"), ("collect", "close", "won")]


def test_wrong_types_over_rpc(server, lead):
    """A request with rubbish gets an error that names it, and changes nothing."""
    sales = server.client("sales")
    call = sales.call("crm.lead", "action_sop_call", [lead])["params"]["call_id"]
    for method, arguments in (
        ("action_rate", ["interested"]),
        ("action_rate", [{"x": 1}]),
        ("action_rate", [7]),
        ("action_not_answered", [[]]),
        ("action_not_answered", ["call_later", [1]]),
    ):
        with pytest.raises(RpcError) as refused:
            sales.call("sop.call", method, [call], *arguments)
        assert refused.value.name.startswith("odoo.exceptions."), f"{method}{arguments}: {refused.value.name} {refused.value}"
    with pytest.raises(RpcError):
        sales.call("sop.call", "action_answered", [999_999_999])
    assert server.sql("SELECT state, interest FROM sop_call WHERE id = %s", call) == [("dialing", None)]
