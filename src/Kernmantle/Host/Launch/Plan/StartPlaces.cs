namespace Kernmantle.Host.Launch.Plan;

/// <summary>
/// Makes a path of the command line absolute. It was relative to the directory in which this program was started, which nobody
/// remembers: the program may have changed it, and <c>PWD</c> is only what the starting shell said.
/// </summary>
internal sealed record StartPlaces(string CurrentDirectory, string? EntryAssembly, string? ShellDirectory, Func<string, bool> Exists)
{
    /// <summary>The application: the entry assembly's own location where the names agree.</summary>
    public string Application(string written) =>
        Path.IsPathRooted(written) ? written
        : EntryAssembly is { } entry && Path.GetFileName(entry) == Path.GetFileName(written) ? entry
        : Find(written) ?? EntryAssembly ?? Path.GetFullPath(written, CurrentDirectory);

    /// <summary>Another file or folder; as it was written if it cannot be found.</summary>
    public string Other(string written) => Path.IsPathRooted(written) ? written : Find(written) ?? Path.GetFullPath(written, CurrentDirectory);

    private string? Find(string written)
    {
        foreach (string? directory in (string?[])[CurrentDirectory, Path.GetDirectoryName(EntryAssembly), ShellDirectory])
        {
            if (!Path.IsPathRooted(directory))
                continue;
            string path = Path.GetFullPath(written, directory!);
            if (Exists(path))
                return path;
            string beside = Path.Combine(directory!, Path.GetFileName(written));
            if (Exists(beside))
                return beside;
        }
        return null;
    }
}
