using System.Reflection;
using System.Text.RegularExpressions;

namespace Kernmantle.Tests.Architecture;

/// <summary>The layers of <c>src/Kernmantle</c>, as ARCHITECTURE.md draws them: a folder knows those that are listed for it, and no others.</summary>
public sealed partial class LayersTests
{
    private static readonly string Source = Path.Combine(
        typeof(LayersTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "RepositoryRoot").Value!, "src", "Kernmantle");

    internal static string SourceOf(string layer) => Path.Combine(Source, layer);

    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["Api"] = ["Host", "InProcess", "Scheduling", "Functions", "Payloads", "Platform", "Failures", "SharedBuffers", "Logging"],
        ["Host"] = ["Scheduling", "Telemetry", "Functions", "Payloads", "Wire", "Platform", "Failures", "SharedState", "SharedBuffers", "Logging"],
        ["Child"] = ["Telemetry", "Functions", "Payloads", "Wire", "Platform", "SharedState", "SharedBuffers", "Logging"],
        ["InProcess"] = ["Scheduling", "Functions", "Payloads", "Wire", "Platform", "Failures", "SharedBuffers", "Logging"],
        ["Scheduling"] = ["Telemetry", "Functions", "Payloads", "Wire", "Platform", "Failures", "SharedBuffers", "Logging"],
        ["Functions"] = ["Payloads", "Wire"],
        ["Channels"] = ["Payloads", "Wire", "Platform", "Failures", "SharedState", "SharedBuffers"],
        ["Payloads"] = ["Wire", "SharedState", "SharedBuffers"],
        ["Wire"] = ["Platform", "SharedBuffers"],
        ["SharedState"] = ["Wire", "Platform", "SharedBuffers", "Logging"],
        ["Failures"] = ["Platform"],
        ["SharedBuffers"] = ["Platform"],
        ["Telemetry"] = ["Wire", "SharedBuffers", "Logging"],
        ["Logging"] = ["Wire"],
        ["Platform"] = [],
    };

    /// <summary>The files, each with its path from the library's folder.</summary>
    private static IEnumerable<(string Path, string Text)> Files =>
        from file in Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Source, file)
        where !path.StartsWith("obj", StringComparison.Ordinal) && !path.StartsWith("bin", StringComparison.Ordinal)
        select (path, File.ReadAllText(file));

    [GeneratedRegex(@"(?:^using |[^\w.])Kernmantle\.(\w+)[.;]", RegexOptions.Multiline)]
    private static partial Regex Mention { get; }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace { get; }

    [GeneratedRegex(@"^(public|internal) [\w ]*?\b(?:class|struct|interface|enum|record|delegate)\b", RegexOptions.Multiline)]
    private static partial Regex TopType { get; }

    [GeneratedRegex(@"\bState = CallState\.")]
    private static partial Regex SetsState { get; }

    [GeneratedRegex(@"\[(DllImport|LibraryImport)\(")]
    private static partial Regex Import { get; }

    /// <summary>A literal that begins so, in a line that is no comment.</summary>
    [GeneratedRegex(@"^(?!\s*//).*""/(?:proc|sys)[/""]", RegexOptions.Multiline)]
    private static partial Regex KernelFile { get; }

    [GeneratedRegex(@"\bKernmantle\.(?:Scheduling|Functions|Payloads)\b|\bWorkerPool\b")]
    private static partial Regex CallOrPool { get; }

    [Fact]
    public void A_layer_knows_those_below_it_only()
    {
        string[] found = [.. from file in Files
                             let own = LayerOf(file.Path)
                             where own is not null
                             from Match mention in Mention.Matches(file.Text)
                             let other = mention.Groups[1].Value
                             where other != own && Known.ContainsKey(other) && !Known[own].Contains(other)
                             select $"{file.Path} names {other}"];
        Assert.Empty(found.Distinct());
    }

    [Fact]
    public void Every_folder_is_a_layer() =>
        Assert.Equal(Known.Keys.Order(StringComparer.Ordinal), Files.Select(static f => LayerOf(f.Path)).OfType<string>().Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Layers_have_no_cycle()
    {
        var left = Known.ToDictionary(static l => l.Key, static l => l.Value.ToHashSet());
        while (left.FirstOrDefault(static l => l.Value.Count == 0).Key is { } lowest)
        {
            left.Remove(lowest);
            foreach (HashSet<string> known in left.Values)
                known.Remove(lowest);
        }
        Assert.Empty(left);
    }

    [Fact]
    public void Public_types_are_in_the_one_namespace_and_internal_ones_in_that_of_their_folder()
    {
        string[] found = [.. from file in Files
                             where Namespace.IsMatch(file.Text)   // the runtime wants its start-up hook in none
                             from Match type in TopType.Matches(file.Text)
                             let folder = Path.GetDirectoryName(file.Path)!.Replace(Path.DirectorySeparatorChar, '.')
                             let wanted = type.Groups[1].Value == "public" || folder.Length == 0 ? "Kernmantle" : $"Kernmantle.{folder}"
                             where Namespace.Match(file.Text).Groups[1].Value != wanted
                             select $"{file.Path}: {type.Value} belongs into {wanted}"];
        Assert.Empty(found);
    }

    [Fact]
    public void The_operating_system_is_called_in_its_layer_only() =>
        Assert.Empty(Files.Where(static f => LayerOf(f.Path) != "Platform" && Import.IsMatch(f.Text)).Select(static f => f.Path));

    /// <summary>A class with all its partial files. Its header says why, where it has more: a comment with the words "one class, since".</summary>
    [Fact]
    public void A_class_has_at_most_450_lines_or_says_why()
    {
        string[] found = [.. from file in Files
                             where !file.Path.EndsWith(".g.cs", StringComparison.Ordinal)
                             group file by Path.Combine(Path.GetDirectoryName(file.Path)!, Path.GetFileName(file.Path).Split('.')[0]) into parts
                             let lines = parts.Sum(static part => part.Text.Count(static c => c == '\n'))
                             where lines > 450 && !parts.Any(static part => part.Text.Contains("one class, since", StringComparison.OrdinalIgnoreCase))
                             select $"{parts.Key}: {lines} lines"];
        Assert.Empty(found);
    }

    [Fact]
    public void Only_the_ledger_changes_where_a_call_stands() =>
        Assert.Equal(
            ["Call.cs", "Ledger.cs"],   // a call that is used again begins as one that is queued
            Files.Where(static f => SetsState.IsMatch(f.Text)).Select(static f => Path.GetFileName(f.Path)).Order(StringComparer.Ordinal));

    [Fact]
    public void Files_of_the_kernel_are_read_in_its_layer_only() =>
        Assert.Empty(from file in Files where LayerOf(file.Path) != "Platform" from Match line in KernelFile.Matches(file.Text) select $"{file.Path}: {line.Value.Trim()}");

    [Theory]
    [InlineData("    Read(\"/proc/self/stat\");", true)]
    [InlineData("    Read($\"/proc/{id}/stat\");", true)]
    [InlineData("    Read(@\"/sys\");", true)]
    [InlineData("    /// <summary>As \"/proc/self/stat\" has it.</summary>", false)]
    [InlineData("    Say(\"Is /proc mounted?\");", false)]
    [InlineData("    Read(\"/process\");", false)]
    public void Such_a_file_is_recognised(string line, bool isOne) => Assert.Equal(isOne, KernelFile.IsMatch(line));

    /// <summary>What carries bytes and numbers to a worker and back is to stay so: what they are numbers of is known above it.</summary>
    [Fact]
    public void A_lane_knows_no_call_and_no_pool()
    {
        string folder = Path.Combine("Host", "Lane", "Rings") + Path.DirectorySeparatorChar;
        (string Path, string Text)[] files = [.. Files.Where(f => f.Path.StartsWith(folder, StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        Assert.Empty(from file in files from Match mention in CallOrPool.Matches(file.Text) select $"{file.Path}: {mention.Value}");
    }

    /// <summary>Null for files that belong to none.</summary>
    private static string? LayerOf(string path) => path.Split(Path.DirectorySeparatorChar) is { Length: > 1 } parts ? parts[0] : null;
}
