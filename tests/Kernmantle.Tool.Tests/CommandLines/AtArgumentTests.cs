using Kernmantle.Contracts.Requirements;
using Kernmantle.Tool.Tests.Compare;

namespace Kernmantle.Tool.Tests.CommandLines;

/// <summary>An argument that begins with @ is what it says, and not the name of a file of arguments.</summary>
[Collection(OwnConsole.Name)]
public sealed class AtArgumentTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kern-at-").FullName;

    [Theory]
    [InlineData("kern", "lab")]
    [InlineData("kern", "run", "assembly.dll")]
    [InlineData("kern", "compare")]
    [InlineData("PythonThreads")]
    public async Task A_file_of_arguments_is_not_read(string program, params string[] command)
    {
        string file = Path.Combine(folder, "arguments");
        await File.WriteAllTextAsync(file, "--help\n", TestContext.Current.CancellationToken);
        (int code, string output, string error) = await new ProgramInProcess(program).RunAsync([.. command, $"@{file}"]);
        Assert.Equal((2, ""), (code, output));
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_method_gets_it_as_it_is()
    {
        string file = Path.Combine(folder, "arguments");
        await File.WriteAllTextAsync(file, "1\n2\n", TestContext.Current.CancellationToken);
        await using Kern kern = new("run", Samples.Assembly, "Subject.Overloaded(string)", $"@{file}");
        (int code, string output, string error) = await kern.EndAsync();
        Assert.True(code == 0, error);
        Assert.Contains($"@{file}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PastTheGil_reads_its_inputs_from_the_lines_of_a_file()
    {
        Assert.SkipWhen(InstalledPrograms.Find("python3") is null, "python3 is not installed.");
        string script = Path.Combine(folder, "mine.py"), inputs = Path.Combine(folder, "inputs");
        await File.WriteAllTextAsync(script, "def length(line):\n    return len(line)\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(inputs, "one\ntwo\nthree\n", TestContext.Current.CancellationToken);
        (int code, string output, string error) = await new ProgramInProcess("PastTheGil").RunAsync("--script", $"{script}:length", "--inputs", $"@{inputs}", "--workers", "1");
        Assert.True(code == 0, error + output);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
