namespace Kernmantle.Python.Agent;

/// <summary>The worker's side, in Python: embedded files, which no installation has to find, sent as one text. One for each way in which an interpreter runs calls.</summary>
internal sealed class AgentSource
{
    /// <summary>In this order, since a part may use what stands before it while it is read.</summary>
    private static readonly string[] Python3Parts =
    [
        "Python3/agent", "Common/protocol", "Python3/frames", "Python3/interruption", "Common/values", "Python3/values", "Python3/arrays", "Common/failures", "Python3/failures",
        "Common/functions", "Python3/functions", "Python3/calls", "Python3/batches", "Common/exits", "Python3/scripts", "Python3/streams", "Python3/coroutines", "Python3/traces", "Python3/log",
        "Common/logging_records", "Python3/logging_hook", "Python3/life",
        "Python3/questions", "Python3/channels", "Python3/locks", "Python3/waits", "Python3/shared_values", "Python3/handed", "Python3/signatures",
    ];

    private AgentSource(string loader, string? compiler, params ReadOnlySpan<string> parts)
    {
        (Loader, Compiler) = (loader, compiler);
        foreach (string part in parts)
            Text = [.. Text, .. Read(part), .. "\n\n"u8];
        Text = [.. Text, .. "main()\n"u8];
    }

    private const string Loader3 =
        """
        import os, sys
        if sys.platform[:4] == "java":
            sys.exit("This is Jython, under the name " + str(sys.executable) + ": call it by a name that begins with 'jython', by which Kernmantle knows it")
        if sys.version_info < (3, 8):
            sys.exit("Kernmantle needs Python 3.8 or later; this is " + sys.version.split()[0] + " at " + sys.executable)
        def take(n):
            b = b""
            while len(b) < n:
                b += os.read(4, n - len(b)) or sys.exit(0)
            return b
        b = take(int.from_bytes(take(4), "little"))
        if b[:1] == b"\x00":
            import marshal, zlib
            if int.from_bytes(b[1:5], "little") != sys.hexversion:
                sys.exit("The interpreter " + sys.executable + " was changed while the program ran: restart the program")
            b = marshal.loads(zlib.decompress(b[5:]))
        else:
            b = compile(b, "<kernmantle>", "exec")
        exec(b, {"__name__": "kernmantle_agent"})
        """;

    private const string Compiler3 =
        """
        import marshal, sys, zlib
        code = compile(sys.stdin.buffer.read(), "<kernmantle>", "exec")
        sys.stdout.buffer.write(b"\x00" + sys.hexversion.to_bytes(4, "little") + zlib.compress(marshal.dumps(code)))
        """;

    /// <summary>CPython and PyPy: one thread, which runs coroutines beside each other.</summary>
    public static AgentSource Python3 { get; } = new(Loader3, Compiler3, Python3Parts);

    /// <summary>The same with a thread for each call.</summary>
    public static AgentSource Python3Threads { get; } = new(Loader3, Compiler3, [.. Python3Parts, "Python3/threads"]);

    /// <summary>The same with a microthread for each call.</summary>
    public static AgentSource Python3Microthreads { get; } = new(Loader3, Compiler3, [.. Python3Parts, "Python3/threads", "Python3/microthreads", "Python3/stackless"]);

    /// <summary>Jython: a thread for each call.</summary>
    public static AgentSource Jython { get; } = new(
        """
        import sys
        if sys.platform[:4] != "java":
            sys.exit("%s is Python %s and no Jython, though its name says so: call it by another name" % (sys.executable, sys.version.split()[0]))
        import struct
        from java.lang import Class
        from jarray import zeros
        posix = Class.forName("org.python.modules.posix.PosixModule").getMethod("getPOSIX", []).invoke(None, [])
        def take(n):
            b = ""
            while len(b) < n:
                some = zeros(n - len(b), "b")
                count = posix.read(4, some, len(some))
                if count <= 0:
                    sys.exit(0)
                b += some[:count].tostring()
            return b
        exec(compile(take(struct.unpack("<I", take(4))[0]), "<kernmantle>", "exec"), {"__name__": "kernmantle_agent"})
        """,
        null,
        "Jython/agent", "Common/protocol", "Jython/frames", "Common/values", "Jython/values", "Jython/arrays", "Common/failures", "Jython/failures", "Common/functions", "Jython/functions", "Jython/calls",
        "Common/exits", "Jython/scripts", "Jython/batches", "Jython/log", "Jython/hooks", "Common/logging_records", "Jython/life");

    /// <summary>
    /// What the interpreter's command line holds: reads the agent from its descriptor, as source text or as what <see cref="Compiler"/> made of
    /// it. It has to be Python that any version understands, to say that a version is none of its own.
    /// </summary>
    public string Loader { get; }

    /// <summary>
    /// Compiles its standard input: a NUL, the interpreter's version, the code, compressed. Null where that is not worth it: one more start of Jython costs what ten
    /// of its workers save.
    /// </summary>
    public string? Compiler { get; }

    /// <summary>One text of all files. It is sent before the interpreter reads, and what follows it does not wait: together they have to fit the socket, which takes 200 KiB.</summary>
    public byte[] Text { get; } = [];

    /// <summary>Calls run on threads, or microthreads, of their own, and no signal is needed to make the worker look at a cancellation.</summary>
    public bool HasThreads => this != Python3;

    private static byte[] Read(string part)
    {
        using Stream stream = typeof(AgentSource).Assembly.GetManifestResourceStream(part)
            ?? throw new InvalidOperationException("This build of Kernmantle.Python has no agent.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
