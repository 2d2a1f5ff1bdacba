using System.CommandLine;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Tests.CommandLines;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Every_command_has_help_with_examples()
    {
        RootCommand root = KernCommand.Create();
        string[][] lines = [[], .. root.Subcommands.Where(static command => !command.Hidden).Select(static command => new[] { command.Name })];
        foreach (string[] line in lines)
        {
            StringWriter output = new();
            int code = await root.Parse([.. line, "--help"]).InvokeAsync(new() { Output = output });
            Assert.Equal(ExitCodes.Success, code);
            Assert.Contains("Examples:", output.ToString(), StringComparison.Ordinal);
            Assert.Contains("--verbose", output.ToString(), StringComparison.Ordinal);
        }
    }
}
