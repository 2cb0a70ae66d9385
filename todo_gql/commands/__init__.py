"""The commands of the command line: each reads the settings, does its work, says so, and gives an exit code.

What keeps a command from its work it raises; `failures.reporting` says that, for all of them.
"""
