"""The models that the speech process holds, one file each: load, warm, and one blocking method to be run in a thread.

Of the agent only agent.providers.speech_process imports them: Piper is GPL-3.0 and stays behind that process's socket.
"""
