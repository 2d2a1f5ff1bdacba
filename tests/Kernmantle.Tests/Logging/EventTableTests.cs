using System.Reflection;
using System.Text.RegularExpressions;
using Kernmantle.Diagnostics;
using Kernmantle.Python;
using Kernmantle.Tests.Docs;
using Kernmantle.Tests.Hosting;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Logging;

/// <summary>Every record of ours has an id, and docs/logging.md has them all.</summary>
public sealed partial class EventTableTests
{
    private static readonly (Assembly Assembly, int First, int Last)[] Ranges =
    [
        (typeof(WorkerPool).Assembly, 1000, 1499),
        (typeof(PythonPool).Assembly, 2000, 2099),
        (typeof(WorkerDiagnostics).Assembly, 3000, 3099),
    ];

    private sealed record Event(MethodInfo Method, LoggerMessageAttribute Attribute);

    private static IEnumerable<Event> Of(Assembly assembly) =>
        from type in assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
        where attribute is not null
        orderby attribute.EventId
        select new Event(method, attribute);

    [Fact]
    public void The_table_of_events_says_what_the_code_does() =>
        GeneratedSection.Check("logging.md", "events", ["| id | name | level | text | and the properties |", "|---|---|---|---|---|", .. Ranges.SelectMany(static r => Of(r.Assembly)).Select(Row)]);

    [Fact]
    public void Every_id_is_in_the_range_of_its_library_and_there_once()
    {
        foreach ((Assembly assembly, int first, int last) in Ranges)
            Assert.All(Of(assembly), e => Assert.InRange(e.Attribute.EventId, first, last));
        Assert.All(Ranges.SelectMany(static r => Of(r.Assembly)).GroupBy(static e => e.Attribute.EventId), static g => Assert.Single(g));
        Assert.All(Ranges.SelectMany(static r => Of(r.Assembly)).GroupBy(static e => e.Method.Name), static g => Assert.Single(g));
    }

    /// <summary>What a user's logger is given without an id is a user's own record, on its way from a worker.</summary>
    [Fact]
    public void No_record_of_ours_is_written_without_an_id()
    {
        string[] files = [.. Ranges.Select(static r => r.Assembly.GetName().Name!).SelectMany(static name => Directory.GetFiles(Path.Combine(Programs.Root, "src", name), "*.cs", SearchOption.AllDirectories)).Where(static f => !f.Contains("/obj/", StringComparison.Ordinal))];
        Assert.True(files.Length > 100);
        Assert.All(files, static file => Assert.DoesNotMatch(PlainLog(), File.ReadAllText(file)));
    }

    private static string Row(Event e)
    {
        string[] hidden = [.. e.Method.GetParameters()
            .Where(static p => p.ParameterType != typeof(ILogger) && !typeof(Exception).IsAssignableFrom(p.ParameterType))
            .Select(static p => $"{char.ToUpperInvariant(p.Name![0])}{p.Name[1..]}")
            .Where(name => !Regex.IsMatch(e.Attribute.Message, $@"\{{{name}[:}}]"))];
        return $"| {e.Attribute.EventId} | `{e.Method.Name}` | {e.Attribute.Level} | {e.Attribute.Message.Replace("|", "\\|", StringComparison.Ordinal)} | {string.Join(", ", hidden.Select(static h => $"`{h}`"))} |";
    }

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(|LoggerMessage\.Define")]
    private static partial Regex PlainLog();
}
