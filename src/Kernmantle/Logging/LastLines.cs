namespace Kernmantle.Logging;

/// <summary>
/// Remembers the last lines a worker wrote, for the failure that tells of its death. Thread-safe. The line with which the runtime
/// announces an abort is kept although the stack that follows it is longer than what is remembered.
/// </summary>
internal sealed class LastLines(int capacity = 50)
{
    /// <summary>A remembered line is cut to this many characters.</summary>
    private const int MaxLine = 4096;

    // What the runtime prints before it aborts.
    private static readonly string[] AbortTexts = ["Stack overflow", "Out of memory", "Process terminated", "Unhandled exception", "Fatal error"];

    private readonly Queue<string> lines = new(capacity);
    private readonly Lock gate = new();
    private string? announced;

    /// <param name="text">One or more lines.</param>
    /// <param name="raw">Written to standard output or error, not through a logger.</param>
    public void Add(string text, bool raw)
    {
        foreach (ReadOnlySpan<char> each in text.AsSpan().EnumerateLines())
        {
            string line = each[..Math.Min(each.Length, MaxLine)].ToString();
            lock (gate)
            {
                if (lines.Count == capacity)
                    lines.Dequeue();
                lines.Enqueue(line);
                if (raw && Array.Exists(AbortTexts, abort => line.StartsWith(abort, StringComparison.Ordinal)))
                    announced = line;
            }
        }
    }

    /// <summary>The runtime has said that it ends the process.</summary>
    public bool IsAbortAnnounced => Volatile.Read(ref announced) is not null;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<string> Snapshot()
    {
        lock (gate)
            return announced is null || lines.Contains(announced) ? [.. lines] : [announced, .. lines.Skip(1)];
    }
}
