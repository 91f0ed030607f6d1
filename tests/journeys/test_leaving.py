"""Whatever the editor does, the service runs on."""

from tests.journeys.dap.client import DapClient
from tests.journeys.scene import Scene
from tests.ops.debuggee import UNTOUCHED


def test_ctrl_c_at_a_breakpoint_frees_the_process(debug_scene: Scene) -> None:
    """Ctrl-C of ``debug`` while an editor holds the process at a breakpoint."""
    configuration, line = debug_scene.launch(), debug_scene.line
    with DapClient() as editor:
        with debug_scene.developer.debugging(*debug_scene.choice):
            editor.attach(configuration["port"], configuration, {line.path: [line.number]})
            editor.stopped()
        state = debug_scene.debuggee.state()
    assert UNTOUCHED == state


def test_ctrl_c_with_the_editor_attached_and_the_process_running(debug_scene: Scene) -> None:
    """Ctrl-C of ``debug`` while an editor is attached and its breakpoint is not passed."""
    configuration, line = debug_scene.launch(), debug_scene.line
    with DapClient() as editor:
        with debug_scene.developer.debugging(*debug_scene.choice):
            editor.attach(configuration["port"], configuration, {line.path: []})
        state = debug_scene.debuggee.state()
    assert UNTOUCHED == state


def test_ctrl_c_after_the_editor_was_killed_at_a_breakpoint(debug_scene: Scene) -> None:
    """An editor that vanishes leaves the process stopped; the end of the session frees it."""
    configuration, line = debug_scene.launch(), debug_scene.line
    with debug_scene.developer.debugging(*debug_scene.choice), DapClient() as editor:
        editor.attach(configuration["port"], configuration, {line.path: [line.number]})
        editor.stopped()
        editor.vanish()
    assert UNTOUCHED == debug_scene.debuggee.state()


def test_a_second_f5_stops_at_the_breakpoint_again(debug_scene: Scene) -> None:
    """One session serves one editor after the other."""
    configuration, line = debug_scene.launch(), debug_scene.line
    places = []
    with debug_scene.developer.debugging(*debug_scene.choice):
        for _ in range(2):
            with DapClient() as editor:
                editor.attach(configuration["port"], configuration, {line.path: [line.number]})
                stop = editor.stopped()
                places.append(stop.top.line)
                editor.set_breakpoints(line.path)
                editor.resume(stop)
                editor.disconnect()
    assert [line.number, line.number] == places
