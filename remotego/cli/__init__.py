"""Tasks, the command, and the only printer.

Importing this room lifts two costs from every command. Invoke tells Python not to keep bytecode, so
that each run would compile all of remotego (50 ms): here only Python's own -B and its variable say so.
And at exit the garbage collector would walk through every module (30 ms) to free what goes anyway.
"""

import atexit
import gc
import sys

sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
atexit.register(gc.freeze)
