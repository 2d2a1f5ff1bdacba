namespace Kernmantle.Python.Agent;

/// <summary>The worker's side, in Python: embedded files, which no installation has to find.</summary>
internal static class AgentSource
{
    /// <summary>
    /// What the interpreter's command line holds: reads the agent from its descriptor, as source text or as what <see cref="Compiler"/> made of
    /// it. It has to be Python that any version understands, to say that a version is too old.
    /// </summary>
    public const string Loader = """
        import os, sys
        if sys.version_info < (3, 8):
            sys.exit("Kernmantle needs Python 3.8 or later; this is " + sys.version.split()[0] + " at " + sys.executable)
        def take(n):
            b = b""
            while len(b) < n:
                b += os.read(4, n - len(b)) or sys.exit(0)
            return b
        b = take(int.from_bytes(take(4), "little"))
        if b[:1] == b"\x00":
            import marshal
            if int.from_bytes(b[1:5], "little") != sys.hexversion:
                sys.exit("The interpreter " + sys.executable + " was changed while the program ran: restart the program")
            b = marshal.loads(b[5:])
        else:
            b = compile(b, "<kernmantle>", "exec")
        exec(b, {"__name__": "kernmantle_agent"})
        """;

    /// <summary>Compiles its standard input: a NUL, the interpreter's version, the code.</summary>
    public const string Compiler = """
        import marshal, sys
        code = compile(sys.stdin.buffer.read(), "<kernmantle>", "exec")
        sys.stdout.buffer.write(b"\x00" + sys.hexversion.to_bytes(4, "little") + marshal.dumps(code))
        """;

    /// <summary>One text of two files.</summary>
    public static byte[] Text { get; } = [.. Read("kernmantle_agent.py"), .. "\n\n"u8, .. Read("kernmantle_objects.py"), .. "\n\nmain()\n"u8];

    private static byte[] Read(string part)
    {
        using Stream stream = typeof(AgentSource).Assembly.GetManifestResourceStream(part)
            ?? throw new InvalidOperationException("This build of Kernmantle.Python has no agent.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
