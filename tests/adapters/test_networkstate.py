"""The state of the network: read from what a real kernel said, and compared by what counts."""

from remotego.adapters.networkstate import addresses, difference, look, resolvers, routes

TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 4
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.0.2.0/24 2 0 2
        +-- 192.0.2.0/30 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.2
              /32 host LOCAL
"""
INET6 = """\
fe80000000000000ac1886fffee68a32 14 40 20 80 vethb051247
20010db8000000000000000000000002 04 40 00 82     eth0
00000000000000000000000000000001 01 80 10 80       lo
"""
ROUTE = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t{metric}\t00000000\t0\t0\t0
br-eed63812\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""
NONE = "0" * 32
NEAR = "fe800000000000000000000000000001"
ROUTE6 = f"""\
{NONE} 00 {NONE} 00 {NEAR} 00000400 00000002 {{use}} 00000003     eth0
fe800000000000000000000000000000 40 {NONE} 00 {NONE} 00000100 00000002 00000000 00000001     eth0
"""


def test_addresses_are_those_by_which_others_are_reached() -> None:
    """Of both families; a container's link-local one is none of them."""
    assert frozenset({"192.0.2.2", "2001:db8::2"}) == addresses(TRIE, INET6)


def test_default_routes_are_known_by_gateway_and_interface() -> None:
    """Whatever else is counted or weighed there."""
    now = routes(ROUTE.format(metric=0), ROUTE6.format(use="00000000"))
    assert frozenset({"010200C0 eth0", f"{NEAR} eth0"}) == now
    assert now == routes(ROUTE.format(metric=600), ROUTE6.format(use="000000ff"))


def test_comments_are_no_resolvers() -> None:
    """A file that is written anew says who has written it, and when."""
    text = "# made at 12:00\nnameserver 192.0.2.53 ; near\n\n;old\nsearch  corp.example\n"
    assert frozenset({"nameserver 192.0.2.53", "search corp.example"}) == resolvers(text)


def test_what_differs_is_named_by_its_kind() -> None:
    """In the order of the state, and nothing where all is alike."""
    before = {"addresses": frozenset({"a"}), "default routes": frozenset({"b"}), "resolvers": frozenset({"c"})}
    now = {**before, "addresses": frozenset({"x"}), "resolvers": frozenset[str]()}
    assert ("addresses, resolvers", "") == (difference(before, now), difference(now, now))


def test_this_machine_is_looked_at() -> None:
    """It has all kinds, though some may be empty."""
    assert ["addresses", "default routes", "resolvers"] == list(look())
