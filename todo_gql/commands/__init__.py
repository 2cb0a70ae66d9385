"""The commands of the command line: each reads the settings, does its work, says so, and gives an exit code."""
