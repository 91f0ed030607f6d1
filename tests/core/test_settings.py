"""Putting layers of settings together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from remotego.adapters.files import schema
from remotego.core.options import JUMPS, MACHINE, OPTIONS, PER_HOST, fault
from remotego.core.settings import Layer, SettingError, Settings, TwoProcessesError, compose
from remotego.core.tables import TABLES

SCHEMA = schema("remotego")
VALIDATOR = Draft202012Validator(SCHEMA)
VALUES: st.SearchStrategy[Any] = (
    st.integers(-2, 70000)
    | st.booleans()
    | st.none()
    | st.sampled_from(["", "auto", "1.27.1", "v1.27.1", "1.27", "-o", "app1", "a b", "x\ny", "1.27.1\n", "x\x9b", 1.5])
    | st.lists(st.sampled_from(["app1", "-x", "", "a b", "a\n", 3]), max_size=2)
)
MACHINE_VALUES: st.SearchStrategy[Any] = (
    st.sampled_from(
        ["10.0.0.7", "fe80::1", "j1,ann@j2:22", "a b", "-oX", "%h", "${HOME}", 'a"b', "a\nProxyCommand x", "15s"]
    )
    | st.sampled_from(
        [["ssh-ed25519 AAAA"], ["@cert-authority ssh-rsa AAAA c"], ["ssh-ed25519"], ["x y\nz"], [" ssh-rsa A"]]
    )
    | st.text("ab-%$ \\\"'\n,@:[]", max_size=6)
)


def refusal(layer: Layer) -> str:
    """Compose a layer that is at fault and give the error's text."""
    with pytest.raises(SettingError) as caught:
        compose([layer])
    return str(caught.value)


def test_without_layers_there_are_defaults() -> None:
    """Nothing given means what the model says."""
    assert Settings() == compose([])


def test_a_default_has_no_other_origin() -> None:
    """A value nobody gave says so."""
    assert "default" == compose([]).origin("local_port")


@given(st.lists(st.none() | st.integers(0, 65535), max_size=5))
def test_the_first_layer_that_gives_a_value_wins(ports: list[int | None]) -> None:
    """Layers stand from the strongest to the weakest."""
    layers = [Layer(str(n), {} if port is None else {"local_port": port}) for n, port in enumerate(ports)]
    expected = next(((port, str(n)) for n, port in enumerate(ports) if port is not None), (23450, "default"))
    settings = compose(layers)
    assert expected == (settings.local_port, settings.origin("local_port"))


@given(st.sampled_from(sorted(OPTIONS)), VALUES)
def test_a_setting_is_taken_just_when_the_schema_takes_it(name: str, value: Any) -> None:
    """The check at run time and the schema for editors say the same."""
    assert VALIDATOR.is_valid({name: value}) is (fault(name, value) is None)


@given(st.sampled_from(sorted({*OPTIONS, *MACHINE})), VALUES | MACHINE_VALUES)
def test_a_host_table_is_taken_just_when_the_schema_takes_it(name: str, value: Any) -> None:
    """The same for what stands in [hosts.NAME]."""
    assert VALIDATOR.is_valid({"hosts": {"app1": {name: value}}}) is (fault(f"hosts.app1.{name}", value) is None)


@given(st.sampled_from(sorted({*PER_HOST, *MACHINE})), VALUES | MACHINE_VALUES)
def test_a_jump_table_is_taken_just_when_the_schema_takes_it(name: str, value: Any) -> None:
    """A machine on the way has no process to debug."""
    assert VALIDATOR.is_valid({"jumps": {"j": {name: value}}}) is (fault(f"jumps.j.{name}", value) is None)


def test_the_schema_knows_every_option_and_no_other() -> None:
    """A new option cannot be forgotten in the schema."""
    tables = {key.partition(".")[0] for key in TABLES} | {JUMPS}
    assert (set(OPTIONS) | tables, {*PER_HOST, *MACHINE}) == (
        set(SCHEMA["properties"]),
        set(SCHEMA["$defs"]["host"]["properties"]),
    )


def test_every_option_is_a_field_of_the_settings() -> None:
    """What can be set can be read."""
    assert set(OPTIONS) == {name for name in Settings.__dataclass_fields__ if name != "sources"}


def test_an_unknown_setting_is_refused_with_the_nearest_known() -> None:
    """A slip of the pen is answered with what was probably meant."""
    expected = 'a.toml:3: loca_port: there is no such setting; did you mean "local_port"?'
    assert expected == refusal(Layer("a.toml", {"loca_port": 1}, {"loca_port": "a.toml:3"}))


def test_a_wrong_value_is_refused_with_what_was_expected() -> None:
    """The message has the place, the key and the kind of value."""
    expected = "REMOTEGO_LOCAL_PORT: local_port: a port, 1 to 65535, or 0 for any free one was expected, not 'x'"
    assert expected == refusal(Layer("environment", {"local_port": "x"}, {"local_port": "REMOTEGO_LOCAL_PORT"}))


def test_a_host_that_reads_as_an_option_is_refused() -> None:
    """ssh would obey -oProxyCommand=..."""
    expected = "--host: hosts: a host name without blanks and not beginning with a dash was expected, not '-oX'"
    assert expected == refusal(Layer("flag", {"hosts": ["app", "-oX"]}, {"hosts": "--host"}))


def test_hosts_that_are_no_list_are_refused_as_such() -> None:
    """A number cannot be searched for a wrong name."""
    assert "a list of host names" in refusal(Layer("f", {"hosts": 3}))


def test_a_host_has_its_own_settings() -> None:
    """A table is for its host alone, and stronger than the rest of its file."""
    settings = compose([Layer("f", {"process": "all", "hosts.app1.process": "svc"})])
    assert ("svc", "all") == (settings.of("app1").process, settings.of("app2").process)


def test_a_flag_is_stronger_than_a_host_table() -> None:
    """What the user typed counts for every host."""
    settings = compose([Layer("flag", {"process": "typed"}), Layer("f", {"hosts.app1.process": "svc"})])
    assert "typed" == settings.of("app1").process


def test_a_pid_typed_stands_before_a_process_in_a_file() -> None:
    """The two exclude each other: the stronger layer decides which it is."""
    settings = compose([Layer("flag", {"pid": 7}), Layer("f", {"process": "svc"})])
    assert (None, 7) == (settings.process, settings.pid)


def test_a_process_typed_stands_before_a_pid_in_a_host_table() -> None:
    """The same after a host's own table has been applied."""
    settings = compose([Layer("flag", {"process": "svc"}), Layer("f", {"hosts.app1.pid": 7})]).of("app1")
    assert ("svc", None) == (settings.process, settings.pid)


def test_a_process_by_name_and_by_id_in_one_layer_is_refused() -> None:
    """Nothing says which of the two is meant."""
    with pytest.raises(TwoProcessesError):
        compose([Layer("flag", {"process": "svc", "pid": 7})])
