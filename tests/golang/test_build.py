"""What go is told, before anything runs."""

from remotego.golang.build import ModulePin, plan_module, plan_program

PIN = ModulePin("example.com/tool", "v1.2.3", "h1:zip=", "h1:mod=", "1.25.0")


def test_the_scratch_module_asks_for_exactly_the_pinned_version() -> None:
    """Its go line is the tool's own, so that run-time defaults are the authors'."""
    recipe = plan_module(PIN, "example.com/tool/cmd/x", label="x", goarch="arm64")
    expected = "module remotego.scratch\n\ngo 1.25.0\n\nrequire example.com/tool v1.2.3\n"
    assert expected == dict(recipe.files)["go.mod"]


def test_the_pinned_sums_are_what_go_compares_with() -> None:
    """go.sum has both lines, for the zip and for go.mod."""
    recipe = plan_module(PIN, "example.com/tool/cmd/x", label="x", goarch="arm64")
    expected = "example.com/tool v1.2.3 h1:zip=\nexample.com/tool v1.2.3/go.mod h1:mod=\n"
    assert expected == dict(recipe.files)["go.sum"]


def test_tags_are_passed_on() -> None:
    """Experimental architectures of Delve need them."""
    recipe = plan_module(PIN, "example.com/tool", label="x", goarch="ppc64le", tags=("a", "b"))
    assert "-tags=a,b" in recipe.build


def test_the_key_depends_on_the_architecture() -> None:
    """Two targets never share a program by mistake."""
    keys = {plan_module(PIN, "p", label="x", goarch=arch).key("go1.27.3") for arch in ("amd64", "arm64")}
    assert 2 == len(keys)


def test_the_key_depends_on_the_toolchain() -> None:
    """Another Go gives other bytes."""
    recipe = plan_module(PIN, "p", label="x", goarch="amd64")
    assert 3 == len({recipe.key(go) for go in ("go1.27.3", "go1.27.2", "go1.27.3 X:loopvar")})


def test_the_key_is_the_same_in_every_process() -> None:
    """A changed key would throw away every user's cache: change it knowingly."""
    recipe = plan_module(PIN, "example.com/tool", label="x", goarch="amd64")
    expected = "977fcc5cccdd6eca46e520638eefd4dff0c2d6c2a50af4af58f10d5e4df1e13d"
    assert expected == recipe.key("go1.27.3")


def test_a_local_program_needs_no_network() -> None:
    """Nothing is downloaded, and a dependency that slipped in would be refused."""
    recipe = plan_program((("go.mod", "module m\n"),), label="x", goarch="amd64")
    assert ((), "off") == (recipe.download, dict(recipe.env)["GOPROXY"])


def test_the_key_depends_on_a_local_programs_source() -> None:
    """A changed agent is another agent."""
    recipes = [plan_program((("main.go", text),), label="x", goarch="amd64") for text in ("a", "b")]
    assert 2 == len({recipe.key("go1.27.3") for recipe in recipes})
