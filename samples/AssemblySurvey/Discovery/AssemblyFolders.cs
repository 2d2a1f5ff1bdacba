using System.IO.Enumeration;
using System.Runtime.InteropServices;
using AssemblySurvey.Reading;

namespace AssemblySurvey.Discovery;

/// <summary>Where the files come from, in a fixed order.</summary>
internal static class AssemblyFolders
{
    /// <summary>Every installed version of every shared framework, found from the runtime that runs this program: <c>shared/Name/Version</c>.</summary>
    public static string InstalledFrameworks() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", ".."));

    /// <summary>The framework and version of <c>shared/Name/Version/File.dll</c>.</summary>
    public static string FrameworkGroup(string relativePath) =>
        relativePath.Split(Path.DirectorySeparatorChar) is [var name, var version, _, ..] ? $"{name} {version}" : OwnFolderGroup(relativePath);

    /// <summary>Of any other folder: its subfolder, or the folder itself.</summary>
    public static string OwnFolderGroup(string relativePath) =>
        relativePath.Split(Path.DirectorySeparatorChar) is [var first, _, ..] ? first : ".";

    public static FoundFiles Find(string root, Func<string, string> groupOf)
    {
        int unreadable = 0;
        List<SurveyItem> items = [];
        using Walker walker = new(root, () => unreadable++);
        while (walker.MoveNext())
        {
            string name = Path.GetRelativePath(root, walker.Current);
            items.Add(new(groupOf(name), name, walker.Current));
        }
        items.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new(items, unreadable);
    }

    /// <summary>Follows links to files but not to folders (they may form a cycle), and goes on behind a folder it may not open.</summary>
    private sealed class Walker(string root, Action onUnreadable)
        : FileSystemEnumerator<string>(root, new() { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None })
    {
        protected override bool ShouldIncludeEntry(ref FileSystemEntry entry) =>
            !entry.IsDirectory
            && Path.GetExtension(entry.FileName) is var extension
            && (extension.Equals(".dll", StringComparison.OrdinalIgnoreCase) || extension.Equals(".exe", StringComparison.OrdinalIgnoreCase));

        protected override bool ShouldRecurseIntoEntry(ref FileSystemEntry entry) =>
            (entry.Attributes & FileAttributes.ReparsePoint) == 0;

        protected override string TransformEntry(ref FileSystemEntry entry) => entry.ToFullPath();

        protected override bool ContinueOnError(int error)
        {
            onUnreadable();
            return true;
        }
    }
}

/// <summary>The files found, and how many folders could not be opened.</summary>
internal sealed record FoundFiles(IReadOnlyList<SurveyItem> Items, int UnreadableFolders);
