using System.Globalization;
using System.Text.RegularExpressions;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Samples;

/// <summary>samples/First says what the note's Python program says, line for line.</summary>
[SecondStage]
public sealed partial class FirstTests
{
    private static readonly string[] Joined =
    [
        "Main-Thread: before creating thread",
        "Main-Thread: before running thread",
        "Sub-Thread: First: starting",
        "Sub-Thread: First: finishing",
        "Main-Thread: wait for the thread to finish",
        "Main-Thread: all done",
    ];

    [Theory]
    [InlineData("thread")]
    [InlineData("process")]
    public async Task The_six_lines_in_the_notes_order_and_three_seconds(string place)
    {
        IReadOnlyList<Line> lines = await RunAsync("--place", place);
        Assert.Equal(Joined, lines.Select(static l => l.Message));
        Assert.True(lines[3].Time - lines[2].Time >= TimeSpan.FromSeconds(3), $"{lines[2]} {lines[3]}");
    }

    [Fact]
    public async Task In_the_process_place_the_workers_lines_name_another_process()
    {
        IReadOnlyList<Line> lines = await RunAsync("--place", "process");
        Assert.Equal([false, false, true, true, false, false], lines.Select(static l => l.Scope.Contains("pid", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("thread")]
    [InlineData("process")]
    public async Task Without_join_the_program_is_done_first_and_the_worker_still_finishes(string place)
    {
        IReadOnlyList<Line> lines = await RunAsync("--place", place, "--no-join");
        Assert.Equal(Joined.Order(), lines.Select(static l => l.Message).Order());
        Assert.Equal("Sub-Thread: First: finishing", lines[^1].Message);
    }

    [Fact]
    public async Task The_notes_own_program_says_the_same()
    {
        string note = Path.Combine(Programs.Root, "..", "shared", "note", "first_thread.py");
        if (!File.Exists(note) || !Python.IsInstalled)
            Assert.Skip(File.Exists(note) ? "python3 is not installed." : "The note's program is not beside this checkout.");
        (int exit, string text) = await Programs.RunAsync("python3", [note]);
        Assert.Equal(0, exit);
        IReadOnlyList<Line> python = Parse(text), ours = await RunAsync();
        Assert.Equal(python.Select(static l => l.Message), ours.Select(static l => l.Message));
        Assert.True(python[3].Time - python[2].Time >= TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData("--place", "moon")]
    [InlineData("--nonsense", "")]
    public async Task Wrong_use_is_told_and_ends_with_2(string option, string value)
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("First"), value.Length > 0 ? [option, value] : [option]);
        Assert.Equal(2, exit);
        Assert.NotEmpty(text.Trim());
    }

    private static async Task<IReadOnlyList<Line>> RunAsync(params string[] arguments)
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("First"), arguments);
        Assert.True(exit == 0, text);
        return Parse(text);
    }

    private static List<Line> Parse(string text) =>
    [
        .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            Match match = Format().Match(line);
            Assert.True(match.Success, line);
            return new Line(TimeSpan.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture), match.Groups["message"].Value, match.Groups["scope"].Value);
        }),
    ];

    [GeneratedRegex(@"^(?<time>\d\d:\d\d:\d\d): (?<message>.*?)(?<scope> \(worker .*\))?\r?$")]
    private static partial Regex Format();

    private sealed record Line(TimeSpan Time, string Message, string Scope);
}
