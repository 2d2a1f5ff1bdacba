using System.Globalization;
using System.Runtime.InteropServices;

namespace Kernmantle.Chaos.Faults;

/// <summary>One process, held so that a signal can hit no other one.</summary>
internal sealed partial class Child : IDisposable
{
    private const long PidfdOpen = 434, PidfdSendSignal = 424;
    private readonly int handle;

    private Child(int id, int handle) => (Id, this.handle) = (id, handle);

    public int Id { get; }

    public static Child? TryOpen(int id)
    {
        int handle = (int)Syscall(PidfdOpen, id, 0, 0, 0);
        if (handle < 0)
            return null;
        var child = new Child(id, handle);
        if (ProcFiles.ReadStat(id) is { } stat && stat.Parent == Environment.ProcessId && !stat.IsZombie)
            return child;
        child.Dispose();
        return null;
    }

    /// <summary>False: it has ended.</summary>
    public bool Signal(int signal) => Syscall(PidfdSendSignal, handle, signal, 0, 0) == 0;

    /// <summary>How willingly its threads give way: 0 to 19.</summary>
    public void Nice(int value)
    {
        foreach (int thread in ProcFiles.ThreadsOf(Id))
            _ = SetPriority(0, thread, value);
    }

    public void Dispose() => _ = Close(handle);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long a, long b, long c, long d);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}

/// <summary>Processes as <c>/proc</c> shows them.</summary>
internal static class ProcFiles
{
    public readonly record struct Stat(int Id, int Parent, char State, string Name)
    {
        public bool IsZombie => State is 'Z' or 'X';
    }

    public static List<Stat> ChildrenOfThis()
    {
        List<Stat> children = [];
        foreach (int id in All())
        {
            if (ReadStat(id) is { } stat && stat.Parent == Environment.ProcessId)
                children.Add(stat);
        }
        return children;
    }

    public static IEnumerable<int> All()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                yield return id;
        }
    }

    public static Stat? ReadStat(int id)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{id}/stat");
            int end = text.LastIndexOf(')');
            string[] fields = text[(end + 2)..].Split(' ', 3);
            return new(id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[0][0], text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..end]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;   // it has ended
        }
    }

    public static int[] ThreadsOf(int id)
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{id}/task").Select(static t => int.Parse(Path.GetFileName(t), CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
