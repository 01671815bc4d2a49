"""What the agent may do: one file per domain, `@function_tool` functions found by agent/tooling/toolbox.py.

A tool checks nothing itself that a rule or a backend owns, and returns one sentence fit to be spoken.
"""
