using System.Text.RegularExpressions;
using Kernmantle.Tool.Compare;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Compare.Places;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Report;
using Kernmantle.Tool.Output;
using Kernmantle.Tool.Run;
using Kernmantle.Tool.Tests.Compare;
using Spectre.Console;

namespace Kernmantle.Tool.Tests.Output;

/// <summary>Every table of <c>kern</c> on narrow and wide terminals: all that it says is there, in whole words, within the width.</summary>
public sealed partial class TableTests
{
    private static readonly LabResult Lab = JsonReport.Read(File.ReadAllText(Path.Combine(Samples.Root, "docs", "lab.json")));

    public static TheoryData<int> Widths => [40, 60, 80, 120, 200];

    /// <summary>The tables of a real run, some of which are shown as lists of figures.</summary>
    public static TheoryData<string, int> Experiments
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (ExperimentResult experiment in Lab.Experiments)
            {
                foreach (int width in Widths.Select(static row => row.Data))
                    data.Add(experiment.Name, width);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Experiments))]
    public void An_experiment_shows_every_label_and_every_figure(string name, int width)
    {
        ExperimentResult experiment = Lab.Experiments.Single(experiment => experiment.Name == name);
        IReadOnlyList<TextTable> tables = experiment.Outcome.Tables is { Count: > 0 } some ? some : [TerminalReport.Figures(experiment.Outcome.Figures)];
        foreach (TextTable table in tables)
            AssertWhole(table, Written(width, screen => TableWriter.Write(screen, table)), width);
        string all = Written(width, screen => TerminalReport.Write(screen, experiment));
        AssertWhole([.. tables.SelectMany(Parts), .. experiment.Outcome.Findings.SelectMany(static finding => new[] { finding.Claim, $"{finding.Verdict.Text()}:", finding.Statement, finding.Why })], all, width);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void The_labs_claims_are_shown_with_verdicts_and_reasons(int width)
    {
        string text = Written(width, static screen => TerminalReport.Write(screen, Lab));
        AssertWhole([.. Lab.Claims.SelectMany(static claim => (string[])[claim.Id, claim.Statement, claim.Verdict!.Value.Text(), .. claim.Findings.Select(static finding => finding.Why)])], text, width);
        Assert.EndsWith("Experiments: 12 of 12 run.\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_comparison_shows_every_place_and_every_figure(int width)
    {
        static PlaceMeasured Ran(Place place, double wall) => new(
            place, place.Name(), PlaceEnd.Ran, null, [.. Enumerable.Range(0, 5).Select(i => new RoundFigures(wall * (1 + i / 100.0), 2.0, 123 << 20, 100_000_000, 0.0123, 12345))], 3, "IOException: no disk", Agreement.Same, null);
        PlaceMeasured[] places =
        [
            Ran(Place.Sequential, 0.1234),
            Ran(Place.Threads, 0.0812),
            Ran(Place.Processes, 0.0634),
            new(Place.GlobalLock, Place.GlobalLock.Name(), PlaceEnd.EndsProgram, "The program ended.", [], 0, null, Agreement.NotCompared, null),
        ];
        CompareResult result = new(1, "0", default, 1, Machine.Here(CacheSizes.Unknown), new("Reader.Read(FileInfo)", "--files", 100, 4), places, new(Place.Processes, true, "Run it in processes.", "It costs."), ["Not on an event loop: the method is not asynchronous."]);
        foreach (TextTable table in CompareReport.Tables(result))
            AssertWhole(table, Written(width, screen => TableWriter.Write(screen, table)), width);
        string text = Written(width, screen => CompareReport.Write(screen, result));
        AssertWhole(["Reader.Read(FileInfo)", .. CompareReport.Tables(result).SelectMany(Parts), "Run it in processes.", "It costs.", .. result.Notes], text, width);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void The_record_of_a_run_shows_how_it_ended_and_what_it_used(int width)
    {
        const string Failure = "System.InvalidOperationException: Something that is long enough to be wrapped, with no end in sight, even where there is much room";
        const string Frame = "   at App.Jobs.NightlyJobThatHasAVeryLongName.RunEverythingAsync(String";
        RunExit exit = new(WorkerExitReason.Failed, new InvalidOperationException($"{Failure}\n{Frame}"))
        {
            WallTime = TimeSpan.FromSeconds(1.234),
            CpuTime = TimeSpan.FromSeconds(1),
            PeakMemoryBytes = 12_345_678,
            VoluntaryContextSwitches = 1234,
            InvoluntaryContextSwitches = 56,
        };
        string text = Written(width, screen => new RunRecord(exit, "a result").Write(screen));
        AssertWhole(["ended", "failed", "why", Failure, "result", "a result", "wall time", "1.23 s", "CPU time", "peak memory", "11.8 MiB", "context switches", "1,234 to wait, 56 taken away"], text, width);
        Assert.Equal(width >= 80, Lines(text).Any(static line => line.Contains(Frame, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_word_that_no_line_has_room_for_is_broken_and_nothing_of_it_is_lost()
    {
        string word = new('x', 150);
        TextTable table = new("", ["Name", "Content"], [["a", $"short {word} short"]]);
        string text = Written(60, screen => TableWriter.Write(screen, table));
        Assert.Equal(150, text.Count(static letter => letter == 'x'));
        Assert.All(Lines(text), static line => Assert.InRange(line.GetCellWidth(), 0, 60));
    }

    [Fact]
    public void A_table_of_figures_that_is_too_wide_is_shown_in_parts_that_name_their_rows()
    {
        TextTable table = new("", ["Way", "Size", .. Enumerable.Range(1, 8).Select(static column => $">Column {column}")], [["pipe", "small", .. Enumerable.Range(1, 8).Select(static cell => $"{cell}.00 µs")], ["pipe", "large", .. Enumerable.Range(1, 8).Select(static cell => $"{cell}.00 ms")]], Keys: 2);
        Assert.Single(TableLayout.Grids(table, 120)!);
        IReadOnlyList<GridBlock> parts = TableLayout.Grids(table, 60)!;
        Assert.True(parts.Count > 1);
        Assert.All(parts, static part => Assert.Equal([0, 1], part.Columns.Take(2)));
        Assert.Equal(Enumerable.Range(2, 8), parts.SelectMany(static part => part.Columns.Skip(2)));
    }

    [Fact]
    public void A_table_of_text_that_is_too_wide_is_shown_as_records()
    {
        TextTable table = new("", ["Name", "What it does", "What it does not do"], [["one", "does this and that and much more", "does nothing of the kind, whatever one says"]]);
        Assert.NotNull(TableLayout.Grids(table, 80));
        Assert.Null(TableLayout.Grids(table, 30));
        Assert.Equal(
            """
            one
              What it does
                does this and that and
                much more
              What it does not do
                does nothing of the kind,
                whatever one says

            """,
            Written(30, screen => TableWriter.Write(screen, table)));
    }

    [Theory]
    [InlineData("a bc def", 3, "a|bc|def")]
    [InlineData("a bc def", 5, "a bc|def")]
    [InlineData("  in dented", 6, "  in|dented")]
    [InlineData("one\n\ntwo", 9, "one||two")]
    [InlineData("abcdefgh i", 3, "abc|def|gh|i")]
    [InlineData("漢字漢字", 4, "漢字|漢字")]
    [InlineData("", 4, "")]
    public void Text_is_wrapped_between_words(string text, int width, string lines) => Assert.Equal(lines, string.Join('|', WrappedText.Lines(text, width)));

    private static void AssertWhole(TextTable table, string text, int width)
    {
        AssertWhole([.. Parts(table)], text, width);
        // Names of rows stand in one piece, unless they are longer than a fair part of the line.
        foreach (string name in table.Rows.Select(static row => row[0]).Where(static name => name.Length is > 0 and <= 24))
            Assert.Contains(Lines(text), line => line.Contains(name, StringComparison.Ordinal));
    }

    /// <summary>Each word as often as it is meant to be there, at least, and no line beyond the width.</summary>
    private static void AssertWhole(string[] parts, string text, int width)
    {
        Assert.All(Lines(text), line => Assert.True(line.GetCellWidth() <= width, $"{line.GetCellWidth()} of {width}: {line}"));
        // A record is headed by its keys with commas between them: what stands before a comma is there without it too.
        Dictionary<string, int> shown = Words(text).SelectMany(static word => word.EndsWith(',') ? (string[])[word, word[..^1]] : [word]).CountBy(static word => word).ToDictionary();
        foreach ((string word, int times) in parts.SelectMany(Words).CountBy(static word => word))
        {
            if (word.GetCellWidth() <= width - 4)
                Assert.True(shown.GetValueOrDefault(word) >= times, $"'{word}' is there {shown.GetValueOrDefault(word)} times instead of {times}:\n{text}");
        }
    }

    /// <summary>Headers and cells. In a record the label of an empty cell is left out.</summary>
    private static IEnumerable<string> Parts(TextTable table) => [table.Title, .. table.Columns.Select((_, index) => table.HeaderOf(index)).Skip(table.Keys), .. table.Rows.SelectMany(static row => row)];

    private static string[] Words(string text) => Border().Replace(text, " ").Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private static string[] Lines(string text) => text.Split('\n');

    private static string Written(int width, Action<Screen> write)
    {
        StringWriter writer = new();
        IAnsiConsole console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        write(new(console, console, IsLive: false));
        return writer.ToString();
    }

    [GeneratedRegex("[│╭╮╰╯├┤┬┴┼─]")]
    private static partial Regex Border();
}
