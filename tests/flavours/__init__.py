"""Programs built in every way that names source files otherwise, and a debugger that has to find them."""
