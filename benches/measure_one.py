"""Runs one command and writes down what it took: CPU seconds, seconds on the clock, most resident KiB, its end.

A process of its own and a small one: a child inherits the memory peak of whoever starts it.

    measure_one.py RESULT COMMAND ...
"""
import os
import sys
import time

began = time.monotonic()
child = os.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(child, 0)
with open(sys.argv[1], "w") as out:
    out.write(f"{used.ru_utime + used.ru_stime} {time.monotonic() - began} {used.ru_maxrss} {os.waitstatus_to_exitcode(status)}")
