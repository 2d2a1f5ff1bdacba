"""The worker's side of Kernmantle.Python: the files that AgentSource.cs names, sent as one text; nothing but the standard library, CPython 3.8 and later, PyPy 3.

The host starts the interpreter with it and three descriptors: CHANNEL, a stream of frames both ways; FILES, a socket
over which the host hands over memory; LIFE, the end of a pipe that closes when the host ends. Frames and bodies are
described in PROTOCOL.md.

Everything happens on the main thread: it waits for a frame, runs the call, answers. Where a call turns out to be a
coroutine, the main thread runs an asyncio loop instead, takes further calls from there, and comes back once no coroutine is
left. A cancelled call is told by a frame, and by SIGINT so that the frame is looked at. Python loses a signal that comes just before
C code begins to wait, and a KeyboardInterrupt that is raised in a finalizer: the host sends SIGURG until the agent says that it has
taken the frame, or that the interrupt is to be raised again.
"""
import builtins
import errno
import functools
import io
import marshal
import os
import signal
import socket
import struct
import sys
import time
import types
from _thread import RLock, allocate_lock, get_ident
from collections import deque

CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0x40000000)
COUNTS_REFERENCES = sys.implementation.name == "cpython"

HAS_THREADS = False                # threads.py runs each call on a thread

FILE_MESSAGE = struct.Struct("<iiq")
INSTANCE = struct.Struct("<q")
MAIN = get_ident()


class Stopping(BaseException):
    """The host asked the worker to end."""
