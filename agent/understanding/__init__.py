"""What was meant, without an LLM: the call's history in, one decision out (policy.py). No LiveKit, no sockets,
no files.

reading/ finds values in a text, dictation/ says whether a value is all said, matching/ says what a sentence is near to.
"""
