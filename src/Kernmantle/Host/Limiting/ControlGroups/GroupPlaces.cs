using System.Globalization;
using Kernmantle.Host.Launch.Spawning;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Host.Limiting.ControlGroups;

/// <summary>
/// Finds the control groups in which this process may make others: below its own one in version 1; in version 2, where a group with
/// processes cannot have groups with controllers, beside it, which is what systemd delegates to a user, or below the root.
/// </summary>
internal static class GroupPlaces
{
    public const string Memory = "memory", Processes = "pids", CpuAccounting = "cpuacct";

    /// <summary>The folders' names begin so.</summary>
    public const string Prefix = "kernmantle-";

    /// <summary>The mark of the host in a folder's name; null if it has none.</summary>
    public static string? MarkOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) && name[Prefix.Length..].Split('-') is [var space, var id, var start, _, ..] ? $"{space}-{id}-{start}" : null;

    /// <summary>Those of this process, by controller.</summary>
    public static IReadOnlyDictionary<string, GroupPlace> Current { get; } =
        OperatingSystem.IsLinux() ? Find(ProcFiles.Mounts(), ProcFiles.ControlGroups(), IsUsable) : new Dictionary<string, GroupPlace>();

    /// <param name="mounts">The lines of <c>mountinfo</c>.</param>
    /// <param name="own">The lines of <c>/proc/self/cgroup</c>.</param>
    /// <param name="isUsable">Tries whether groups can be made there.</param>
    public static IReadOnlyDictionary<string, GroupPlace> Find(IReadOnlyList<string> mounts, IReadOnlyList<string> own, Predicate<GroupPlace> isUsable)
    {
        var found = new Dictionary<string, GroupPlace>();
        foreach (string controller in (string[])[Memory, Processes, CpuAccounting])
        {
            // In version 2 a process is in one group only.
            string? unified = found.Values.FirstOrDefault(static p => p.IsUnified)?.Folder;
            if (Candidates(controller, mounts, own).FirstOrDefault(c => (!c.IsUnified || unified is null || c.Folder == unified) && isUsable(c)) is { } place)
                found.Add(controller, place);
        }
        return found;
    }

    /// <summary>A file of this process's own memory group, by its name in version 1 or 2; null where there is none.</summary>
    public static string? FileOf(string version1, string version2) => OperatingSystem.IsLinux()
        ? Candidates(Memory, ProcFiles.Mounts(), ProcFiles.ControlGroups()).Select(place => Path.Combine(place.Folder, place.IsUnified ? version2 : version1)).FirstOrDefault(File.Exists)
        : null;

    private static IEnumerable<GroupPlace> Candidates(string controller, IReadOnlyList<string> mounts, IReadOnlyList<string> own)
    {
        foreach (string mount in mounts)
        {
            // 36 35 98:0 /root /mount/point options - type source options
            string[] halves = mount.Split(" - ", 2);
            string[] left = halves[0].Split(' '), right = halves.Length == 2 ? halves[1].Split(' ') : [];
            if (left.Length < 6 || right.Length < 3)
                continue;
            (string root, string point) = (Unescape(left[3]), Unescape(left[4]));
            if (right[0] == "cgroup" && right[2].Split(',').Contains(controller) && PathOf(own, controller) is { } path)
                yield return new(controller, Below(point, root, path), IsUnified: false);
            if (right[0] != "cgroup2" || PathOf(own, "") is not { } unified)
                continue;
            string folder = Below(point, root, unified);
            yield return new(controller, folder, IsUnified: true);
            if (folder.Length > point.Length && Path.GetDirectoryName(folder) is { } parent)
                yield return new(controller, parent, IsUnified: true);
        }
    }

    private static string? PathOf(IReadOnlyList<string> own, string controller)
    {
        foreach (string line in own)
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length == 3 && (controller.Length == 0 ? parts[1].Length == 0 : parts[1].Split(',').Contains(controller)))
                return parts[2];
        }
        return null;
    }

    /// <summary>A container sees a part of the tree: its root is the mount's.</summary>
    private static string Below(string point, string root, string path)
    {
        if (root != "/" && (path == root || path.StartsWith(root + "/", StringComparison.Ordinal)))
            path = path[root.Length..];
        return path is "" or "/" || path.StartsWith("/..", StringComparison.Ordinal) ? point : point + path;
    }

    /// <summary>mountinfo writes blanks, tabs, line ends and backslashes as three octal digits.</summary>
    private static string Unescape(string path) =>
        path.Replace("\\040", " ").Replace("\\011", "\t").Replace("\\012", "\n").Replace("\\134", "\\");

    /// <summary>By doing it.</summary>
    private static bool IsUsable(GroupPlace place)
    {
        string folder = Path.Combine(place.Folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{HostMark.Current}-probe-{place.Controller}"));
        try
        {
            Directory.CreateDirectory(folder);
            try
            {
                // What moves a process must be writable in the common ancestor too.
                return (!place.IsUnified || CanWrite(Path.Combine(place.Folder, "cgroup.procs"))) && Files(place).All(f => CanWrite(Path.Combine(folder, f)));
            }
            finally
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string[] Files(GroupPlace place) => (place.Controller, place.IsUnified) switch
    {
        (Memory, false) => ["cgroup.procs", "memory.limit_in_bytes"],
        (Memory, true) => ["cgroup.procs", "memory.max"],
        (Processes, _) => ["cgroup.procs", "pids.max"],
        _ => ["cgroup.procs"],
    };

    private static bool CanWrite(string file)
    {
        using var _ = File.OpenHandle(file, FileMode.Open, FileAccess.Write);
        return true;
    }
}
