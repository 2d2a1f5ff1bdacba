using System.Text.RegularExpressions;
using Kernmantle.Tool.Tests.Compare;

namespace Kernmantle.Tool.Tests.CommandLines;

/// <summary>Every option of every program with values that it cannot have.</summary>
[Collection(OwnConsole.Name)]
public sealed partial class WrongValueTests
{
    [Theory]
    [InlineData("kern", "lab", "memory")]
    [InlineData("kern", "compare", "SUBJECT", "Subject.Constant")]
    [InlineData("kern", "compare", "SCRIPT:parse")]
    [InlineData("kern", "run", "SUBJECT", "Subject.Constant")]
    [InlineData("kern", "run", "SCRIPT")]
    [InlineData("AssemblySurvey")]
    [InlineData("First")]
    [InlineData("PastTheGil")]
    [InlineData("PythonThreads")]
    [InlineData("Chaos")]
    public async Task A_wrong_value_of_any_option_is_one_line_and_exit_code_2(string program, params string[] command)
    {
        ProgramInProcess tried = new(program);
        string[] line = [.. command.Select(static word => word.Replace("SUBJECT", Samples.Assembly, StringComparison.Ordinal).Replace("SCRIPT", Samples.Script, StringComparison.Ordinal))];
        IReadOnlyList<(string Option, string? Value)> options = await tried.OptionsAsync([.. line.Take(1)]);
        Assert.NotEmpty(options);
        List<string> wrong = [];
        foreach ((string option, string? value) in options)
        {
            foreach (string text in WrongValues.Of(value))
                await TryAsync(value is null ? [option + text] : [option, text]);
            if (value is not null)
                await TryAsync([option]);
        }
        if (command is not ["run", ..])   // there, a word that is no option of kern is the method's or the script's
            await TryAsync(["--no-such-option"]);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));

        async Task TryAsync(string[] added)
        {
            string told = $"{program} {string.Join(' ', (string[])[.. command, .. added])}";
            try
            {
                (int code, string output, string error) = await tried.RunAsync([.. line, .. added]);
                if (code != 2 || output.Length > 0 || !error.StartsWith($"{program}: ", StringComparison.Ordinal) || error.TrimEnd('\n').Any(char.IsControl))
                    wrong.Add($"{told}\n  ends with {code}: {error}{output}");
                else if (OptionName().Matches(error).Select(static match => match.Value).FirstOrDefault(name => !IsThere(name, added)) is { } unknown)
                    wrong.Add($"{told}\n  names {unknown}, which the help does not: {error}");
            }
            catch (Exception e) when (e is not TimeoutException)   // one that does not end would disturb all that follow
            {
                wrong.Add($"{told}\n  throws {e}");
            }
        }

        bool IsThere(string name, string[] added) =>
            name == "--help" || options.Any(option => option.Option == name) || added.Any(word => word.Contains(name, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex OptionName();
}
