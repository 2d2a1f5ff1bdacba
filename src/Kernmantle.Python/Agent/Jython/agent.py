"""The worker's side of Kernmantle.Python on Jython 2.7: nothing but its standard library and the Java below it.

It speaks what the agent of Python 3 speaks (PROTOCOL.md), and does it in another way: Jython has no global lock, so each call has a thread of its own,
and says at once that it is interleaved. The main thread does nothing but take frames. So a cancellation is always seen, and no signal is
needed, which a JVM would keep to itself: a thread that waits is woken by Thread.interrupt, one that computes raises at its next line.

The language is Python 2.7: what it calls str are bytes, which go as they are. The host reads them as text where they are UTF-8.
"""
import __builtin__
import marshal
import os
import struct
import sys
import time
import types
from array import array
from java.io import RandomAccessFile
from java.lang import Class, InterruptedException, OutOfMemoryError, Runtime, String, System, Thread, Throwable
from java.nio import ByteBuffer, ByteOrder
from java.nio.channels import FileChannel
from java.nio.charset import StandardCharsets
from java.util import Collection, Map
from java.util import Set as JavaSet
from java.util.concurrent import Executors, Semaphore
from java.util.concurrent.locks import ReentrantLock
from jarray import zeros           # of exactly that size, so that Java writes into it, and not into a copy
from org.python.core import Py
from org.python.core.util import StringUtil
from thread import _local, allocate_lock, get_ident

STACK_BYTES = 16 << 20             # address space only: Jython's own limit of recursion comes first
LOOK_SECONDS = 0.01                # how often a cancelled call is looked at that has not been interrupted yet

# Not by its name: Jython hides the method of what is the module posix. Another instance would load the native library once more.
posix = Class.forName("org.python.modules.posix.PosixModule").getMethod("getPOSIX", []).invoke(None, [])


def leave():
    """The host is gone: the worker goes, and what it has started, at once."""
    posix.kill(-posix.getpgrp(), 9)
    Runtime.getRuntime().halt(0)
