using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Tests.Compare;

namespace Kernmantle.Tool.Tests.CommandLines;

/// <summary>What is wrong about a subject or its arguments; <see cref="KernTests"/> has it from outside.</summary>
[Collection(OwnConsole.Name)]
public sealed class WrongUseTests : IDisposable
{
    private const string TemporaryFiles = "TMPDIR";
    private readonly string? usual = Environment.GetEnvironmentVariable(TemporaryFiles);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kern-wrong-");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(TemporaryFiles, usual);
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("There is no file", "compare", "/nowhere/app.dll", "A.B")]
    [InlineData("No method is named", "compare", "SUBJECT")]
    [InlineData("is not a .NET assembly", "compare", "SCRIPT.x", "A.B")]
    [InlineData("--rounds must be a whole number from 3 to", "compare", "SUBJECT", "Subject.Constant", "--rounds", "1")]
    [InlineData("Did you mean 'Constant'", "compare", "SUBJECT", "Subject.Constat")]
    [InlineData("There is no file '/nowhere.py'", "compare", "/nowhere.py:f")]
    [InlineData("names no function", "compare", "SCRIPT")]
    [InlineData("Did you mean 'count'", "compare", "SCRIPT:cont")]
    [InlineData("takes 2 arguments, and gets 0", "compare", "SCRIPT:two")]
    [InlineData("'x' is no int for 'b'", "run", "SUBJECT", "Subject.Add", "1", "x")]
    [InlineData("does not take 1 arguments", "run", "SUBJECT", "Subject.Add", "1")]
    [InlineData("No method is named", "run", "SUBJECT")]
    [InlineData("There is no file", "run", "/nowhere.py")]
    [InlineData("--cpu must be a number of seconds", "run", "SUBJECT", "Subject.Constant", "--cpu", "0")]
    [InlineData("--cpu limits methods of .NET", "run", "SCRIPT", "--cpu", "1")]
    [InlineData("--memory must be 4M or more", "run", "SUBJECT", "Subject.Constant", "--memory", "1K")]
    public async Task Wrong_use_is_one_line_with_the_remedy(string part, params string[] arguments)
    {
        string text = Path.Combine(folder.FullName, "text.x");
        File.WriteAllText(text, "no assembly");
        DirectoryInfo temporary = folder.CreateSubdirectory("temporary");
        Environment.SetEnvironmentVariable(TemporaryFiles, temporary.FullName);
        string[] words = [.. arguments.Select(argument => argument.Replace("SUBJECT", Samples.Assembly, StringComparison.Ordinal).Replace("SCRIPT.x", text, StringComparison.Ordinal).Replace("SCRIPT", Samples.Script, StringComparison.Ordinal))];
        (int code, string output, string error) = await new ProgramInProcess("kern").RunAsync(words);
        Assert.Equal((ExitCodes.WrongUse, ""), (code, output));
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Empty(temporary.EnumerateFileSystemInfos());
    }
}
