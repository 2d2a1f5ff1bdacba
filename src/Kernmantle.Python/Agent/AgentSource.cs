namespace Kernmantle.Python.Agent;

/// <summary>The worker's side, in Python: an embedded file, which no installation has to find.</summary>
internal static class AgentSource
{
    /// <summary>
    /// What the interpreter's command line holds: reads the file from its descriptor. It has to be Python that any version understands, to say
    /// that a version is too old.
    /// </summary>
    public const string Loader = """
        import os, sys
        if sys.version_info < (3, 8):
            sys.exit("Kernmantle needs Python 3.8 or later; this is " + sys.version.split()[0] + " at " + sys.executable)
        b = b""
        while len(b) < int(sys.argv[1]):
            b += os.read(4, int(sys.argv[1]) - len(b)) or sys.exit(0)
        exec(compile(b, "<kernmantle>", "exec"), {"__name__": "kernmantle_agent"})
        """;

    public static byte[] Bytes { get; } = Read();

    private static byte[] Read()
    {
        using Stream stream = typeof(AgentSource).Assembly.GetManifestResourceStream("kernmantle_agent.py")
            ?? throw new InvalidOperationException("This build of Kernmantle.Python has no agent.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
