using System.Text.RegularExpressions;
using Kernmantle.Contracts.Requirements;
using Kernmantle.Python.Tests.Interpreters;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Python.Tests.Samples;

[SecondStage]
[Interpreter("python3")]
public sealed partial class PythonSampleTests
{
    /// <summary>Where it does not matter how the interpreter is found.</summary>
    private static string Python => InstalledPrograms.Interpreter("python3");

    [Fact]
    public async Task The_notes_program_runs_unchanged_and_says_what_python_says()
    {
        string note = Path.Combine(Programs.Root, "..", "shared", "note", "first_thread.py");
        if (!File.Exists(note))
            Assert.Skip("The note's program is not beside this checkout.");
        (int exit, string python) = await Programs.RunAsync("python3", [note]);
        Assert.Equal(0, exit);
        (exit, string ours) = await Programs.RunAsync(Programs.Of("PythonThreads"), [note]);
        Assert.True(exit == 0, ours);
        Assert.Equal(Messages(python), Messages(ours));
    }

    [Fact]
    public async Task The_samples_own_program_joins_its_thread()
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("PythonThreads"), []);
        Assert.True(exit == 0, text);
        Assert.Equal(
            [
                "Main-Thread: before creating thread",
                "Main-Thread: before running thread",
                "Sub-Thread: First: starting",
                "Sub-Thread: First: finishing",
                "Main-Thread: wait for the thread to finish",
                "Main-Thread: all done",
            ],
            Messages(text));
    }

    [Fact]
    public async Task A_script_has_its_arguments_and_its_exit_code()
    {
        string script = Path.Combine(Directory.CreateTempSubdirectory().FullName, "exits.py");
        await File.WriteAllTextAsync(script, "import sys\nprint('|'.join(sys.argv[1:]))\nsys.exit(7)\n");
        (int exit, string text) = await Programs.RunAsync(Programs.Of("PythonThreads"), ["--python", Python, script, "a", "b c"]);
        Assert.Equal(7, exit);
        Assert.Contains("a|b c", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_is_no_python_shows_where()
    {
        string script = Path.Combine(Directory.CreateTempSubdirectory().FullName, "broken.py");
        await File.WriteAllTextAsync(script, "x = 1\ny = (\n");
        (int exit, string text) = await Programs.RunAsync(Programs.Of("PythonThreads"), ["--python", Python, script]);
        Assert.Equal(1, exit);
        Assert.Contains("broken.py\", line 2", text, StringComparison.Ordinal);
        Assert.Contains("^", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "no-such-file.py")]
    [InlineData(2, "--python", "/no/such/python")]
    public async Task What_cannot_be_is_told_in_one_line(int code, params string[] arguments)
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("PythonThreads"), arguments);
        Assert.Equal(code, exit);
        Assert.Single(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Four_ways_give_the_same_answer()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string script = Path.Combine(folder, "mine.py");
        await File.WriteAllTextAsync(script, "def squares(path):\n    with open(path) as f:\n        n = int(f.read())\n    return {'n': n, 'sum': sum(i * i for i in range(n))}\n");
        for (int i = 1; i <= 8; i++)
            await File.WriteAllTextAsync(Path.Combine(folder, $"{i}.txt"), $"{i * 1000}");
        (int exit, string text) = await Programs.RunAsync(Programs.Of("PastTheGil"), ["--python", Python, "--script", $"{script}:squares", "--inputs", Path.Combine(folder, "*.txt"), "--workers", "2"]);
        Assert.True(exit == 0, text);
        Assert.Equal(4, Same().Count(text));
        Assert.DoesNotContain("OTHER", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ways_that_differ_are_told()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string script = Path.Combine(folder, "mine.py");
        await File.WriteAllTextAsync(script, "import os\ncalls = 0\ndef count(path):\n    global calls\n    calls += 1\n    return [os.getpid(), calls]\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "1.txt"), "");
        (int exit, string text) = await Programs.RunAsync(Programs.Of("PastTheGil"), ["--python", Python, "--script", $"{script}:count", "--inputs", Path.Combine(folder, "*.txt")]);
        Assert.Equal(1, exit);
        Assert.Contains("different answers", text, StringComparison.Ordinal);
    }

    private static string[] Messages(string text) => [.. Line().Matches(text).Select(static m => m.Groups[1].Value)];

    [GeneratedRegex(@"^\d\d:\d\d:\d\d: (.*?)(?: \(worker .*\))?\r?$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"the same")]
    private static partial Regex Same();
}
