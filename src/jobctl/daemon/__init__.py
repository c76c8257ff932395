"""The daemon: takes jobs in, starts them under keepers, settles what ended, keeps the status files.

The command line knows it as a program (`python -m jobctl.daemon`) and never imports it.
"""
