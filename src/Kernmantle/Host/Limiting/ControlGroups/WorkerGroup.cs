using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Limiting.ControlGroups;

/// <summary>
/// The control groups of one worker and of whatever it starts. Made when the worker is ready: the memory it has by then is not counted in
/// version 1. Not thread-safe, but for the reading.
/// </summary>
internal sealed class WorkerGroup : IDisposable
{
    private static int last;

    private readonly Dictionary<string, (string Folder, bool IsUnified)> folders = [];
    private readonly Dictionary<string, SafeFileHandle> open = [];
    private readonly Dictionary<string, long?> written = [];

    /// <exception cref="IOException">The system refused.</exception>
    /// <exception cref="UnauthorizedAccessException">So it did.</exception>
    public WorkerGroup(int processId, IReadOnlyDictionary<string, GroupPlace> places)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{GroupPlaces.Prefix}{Launch.Spawning.HostMark.Current}-{Interlocked.Increment(ref last)}");
        try
        {
            foreach (GroupPlace place in places.Values)
            {
                string folder = Path.Combine(place.Folder, name);
                folders.Add(place.Controller, (folder, place.IsUnified));
                Directory.CreateDirectory(folder);
            }
            foreach (string folder in Distinct())
                Write(Path.Combine(folder, "cgroup.procs"), processId);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public bool Has(string controller) => folders.ContainsKey(controller);

    /// <summary>Null lifts the limit.</summary>
    /// <exception cref="IOException">The system refused: the group has more than that and nothing can be taken from it.</exception>
    public void LimitMemory(long? bytes) => SetLimit(GroupPlaces.Memory, bytes, folders[GroupPlaces.Memory].IsUnified ? "memory.max" : "memory.limit_in_bytes", folders[GroupPlaces.Memory].IsUnified ? "max" : "-1");

    /// <summary>Null lifts the limit.</summary>
    public void LimitProcesses(int? count) => SetLimit(GroupPlaces.Processes, count, "pids.max", "max");

    /// <summary>How often the kernel has killed for want of memory.</summary>
    public long MemoryKills() => !Has(GroupPlaces.Memory) ? 0
        : ReadNamed(GroupPlaces.Memory, folders[GroupPlaces.Memory].IsUnified ? "memory.events" : "memory.oom_control", "oom_kill");

    /// <summary>The most memory there was; 0 where the kernel does not say.</summary>
    public long PeakMemory() => ReadNumber(GroupPlaces.Memory, folders[GroupPlaces.Memory].IsUnified ? "memory.peak" : "memory.max_usage_in_bytes");

    /// <summary>How often a process or thread was refused.</summary>
    public long Refusals() => Has(GroupPlaces.Processes) ? ReadNamed(GroupPlaces.Processes, "pids.events", "max") : 0;

    public long Processes() => ReadNumber(GroupPlaces.Processes, "pids.current");

    /// <summary>Of all processes that are or were in the group, since the worker is in it; null where it is not counted.</summary>
    public TimeSpan? CpuTime() => !folders.TryGetValue(GroupPlaces.CpuAccounting, out (string, bool IsUnified) group) ? null
        : group.IsUnified ? TimeSpan.FromMicroseconds(ReadNamed(GroupPlaces.CpuAccounting, "cpu.stat", "usage_usec"))
        : TimeSpan.FromTicks(ReadNumber(GroupPlaces.CpuAccounting, "cpuacct.usage") / 100);

    /// <summary>Kills what is left in the group, and removes it. False: something in it is still dying.</summary>
    public bool TryRemove()
    {
        bool gone = true;
        foreach (string folder in Distinct())
            gone &= TryRemove(folder);
        return gone;
    }

    /// <summary>The same for any group.</summary>
    public static bool TryRemove(string folder)
    {
        foreach (string line in Lines(Path.Combine(folder, "cgroup.procs")))
            Kill(folder, line);
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        lock (open)
        {
            foreach (SafeFileHandle file in open.Values)
                file.Dispose();
        }
        TryRemove();
    }

    /// <summary>By descriptor, and only if it is still in the group once it is held: a number may come to name another process.</summary>
    private static void Kill(string folder, string processId)
    {
        if (!int.TryParse(processId, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            return;
        using SafeFileHandle process = ProcessFd.TryOpen(id);
        if (!process.IsInvalid && Lines(Path.Combine(folder, "cgroup.procs")).Contains(processId))
            ProcessFd.Signal(process, LibC.SigKill);
    }

    private IEnumerable<string> Distinct() => folders.Values.Select(static f => f.Folder).Distinct();

    private void SetLimit(string controller, long? value, string file, string none)
    {
        if (written.GetValueOrDefault(controller) == value)
            return;
        string path = Path.Combine(folders[controller].Folder, file);
        if (value is { } limit)
            Write(path, limit);
        else
            WriteText(path, none);
        written[controller] = value;
    }

    private static void Write(string file, long value) => WriteText(file, value.ToString(CultureInfo.InvariantCulture));

    private static void WriteText(string file, string text)
    {
        using SafeFileHandle handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(handle, Encoding.ASCII.GetBytes(text), 0);
    }

    private long ReadNumber(string controller, string file) => long.TryParse(Read(controller, file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;

    private long ReadNamed(string controller, string file, string name)
    {
        foreach (string line in Read(controller, file).Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] == ' ')
                return long.TryParse(line.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
        }
        return 0;
    }

    private string Read(string controller, string file)
    {
        Span<byte> text = stackalloc byte[1024];
        try
        {
            SafeFileHandle? handle;
            lock (open)
            {
                if (!open.TryGetValue(file, out handle))
                    open.Add(file, handle = File.OpenHandle(Path.Combine(folders[controller].Folder, file)));
            }
            return Encoding.ASCII.GetString(text[..RandomAccess.Read(handle, text, 0)]);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            return "";   // the group is gone, or this kernel has no such file
        }
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
