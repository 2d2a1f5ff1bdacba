using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary><c>kern compare</c> used wrongly, or interrupted.</summary>
public sealed class CompareMisuseTests : CompareRuns
{
    [Theory]
    [InlineData("There is no file", "/nowhere/app.dll", "A.B")]
    [InlineData("No method is named", "SUBJECT")]
    [InlineData("is not a .NET assembly", "SCRIPT.x", "A.B")]
    [InlineData("--rounds must be a whole number from 3 to", "SUBJECT", "Subject.Constant", "--rounds", "1")]
    [InlineData("Did you mean 'Constant'", "SUBJECT", "Subject.Constat")]
    [InlineData("There is no file '/nowhere.py'", "/nowhere.py:f")]
    [InlineData("names no function", "SCRIPT")]
    [InlineData("Did you mean 'count'", "SCRIPT:cont")]
    [InlineData("takes 2 arguments, and gets 0", "SCRIPT:two")]
    public async Task Wrong_use_is_one_line_with_the_remedy(string part, params string[] arguments)
    {
        string text = Path.Combine(Folder.FullName, "text.x");
        File.WriteAllText(text, "no assembly");
        string[] words = [.. arguments.Select(argument => argument.Replace("SUBJECT", Samples.Assembly, StringComparison.Ordinal).Replace("SCRIPT.x", text, StringComparison.Ordinal).Replace("SCRIPT", Samples.Script, StringComparison.Ordinal))];
        await using Kern kern = new(["compare", .. words]);
        (int code, string output, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.WrongUse, ""), (code, output));
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Empty(kern.Remains);
    }

    [Fact]
    public async Task Ctrl_C_leaves_nothing_behind()
    {
        await using Kern kern = new("compare", Samples.Assembly, "Subject.NeverEnds", "--timeout", "600");
        await kern.WaitForWorkersAsync();
        IReadOnlyList<int> workers = kern.Workers();
        kern.Interrupt();
        (int code, _, string error) = await kern.EndAsync();
        Assert.Equal((ExitCodes.Interrupted, "kern: interrupted.\n"), (code, error));
        await Kern.WaitForEndAsync(workers);
        Assert.Empty(kern.Remains);
    }
}
