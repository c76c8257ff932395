"""Every command as Typer has it, once: names, options, help; one file for each page of the manual.

A function's parameters are those of the command's own function, which `dispatch` finds and calls with them.
"""
