using Kernmantle.Host.Death;

namespace Kernmantle.Host.Logs;

/// <summary>
/// Remembers the last lines a worker wrote, for the failure that tells of its death, and what a runtime says when it ends the process: from its
/// first line on, also where the stack that follows is longer than what is remembered. Thread-safe.
/// </summary>
internal sealed class LastLines(int capacity = 50)
{
    /// <summary>A remembered line is cut to this many characters.</summary>
    private const int MaxLine = 4096;

    /// <summary>So many lines of a runtime's last words are kept: its message, and the top of its stack.</summary>
    private const int MaxWords = 80;

    private readonly Queue<string> lines = new(capacity);
    private readonly List<string> words = [];
    private readonly Lock gate = new();
    private bool inStack;

    /// <param name="text">One or more lines.</param>
    /// <param name="native">Written to the process's own standard error, not through a logger.</param>
    public void Add(string text, bool native)
    {
        foreach (ReadOnlySpan<char> each in text.AsSpan().EnumerateLines())
        {
            string line = each[..Math.Min(each.Length, MaxLine)].ToString();
            lock (gate)
            {
                if (lines.Count == capacity)
                    lines.Dequeue();
                lines.Enqueue(line);
                if (native)
                    AddWord(line);
            }
        }
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<string> Snapshot()
    {
        lock (gate)
            return words.Count == 0 || lines.Contains(words[0]) ? [.. lines] : [words[0], .. lines.Skip(1)];
    }

    /// <summary>What the runtime said of the end; empty if it said nothing.</summary>
    public IReadOnlyList<string> Words()
    {
        lock (gate)
            return [.. words];
    }

    /// <summary>The user's message may look like an announcement: one that follows the other before any stack is part of it.</summary>
    private void AddWord(string line)
    {
        if (LastWords.Begin(line) && (words.Count == 0 || inStack))
        {
            words.Clear();
            inStack = false;
        }
        else if (words.Count == 0)
        {
            return;
        }
        inStack |= LastWords.IsFrame(line);
        if (words.Count < MaxWords)
            words.Add(line);
    }
}
