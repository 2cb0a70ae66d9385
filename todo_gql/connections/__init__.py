"""Connections of clients: what may be sent on one, how long that may take, and the taking of an answer.

uvicorn bounds none of it, and a client that sends half a request, or reads nothing, costs it next to nothing.
"""
