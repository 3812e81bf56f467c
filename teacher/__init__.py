"""The offline teacher: an OpenAI-compatible server with no weights and no key, at the wire. It is not a language model.

Nobody imports it but the command that starts it.
"""
