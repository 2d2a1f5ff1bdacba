using System.Text.RegularExpressions;
using Kernmantle.Tests.Hosting;
using Kernmantle.Tests.Samples;

namespace Kernmantle.LaunchForms.Tests;

/// <summary>samples/IronPython with IronPython itself, where a feed has it, or IRONPYTHON_DLLS names its folder.</summary>
public sealed partial class IronPythonTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-ironpython-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_sample_works_with_IronPython()
    {
        string[] project = ["samples/IronPython", "-nologo", "-v", "q", "--artifacts-path", folder];
        // Feeds that do not answer shall not hold this up.
        (int exit, string text) = await Programs.RunAsync("timeout", ["120", "dotnet", "restore", .. project]);
        const int TookTooLong = 124;
        Assert.SkipWhen(
            exit == TookTooLong || NotOnAnyFeed().IsMatch(text),
            $"No feed of this machine has the package IronPython, and IRONPYTHON_DLLS names no folder with its assemblies. {text.Trim()}");
        Assert.True(exit == 0, text);
        (exit, text) = await Programs.RunAsync("dotnet", ["build", "-c", "Release", .. project]);
        Assert.True(exit == 0, text);
        (exit, text) = await Programs.RunAsync(Path.Combine(folder, "bin", "IronPythonSample", "release", "IronPythonSample"), []);
        Assert.True(exit == 0, text);
        // The log, in which the kill is told of, comes behind what was printed.
        List<string> lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => !line.Contains("(pid ", StringComparison.Ordinal))];
        int figures = lines.FindIndex(static line => line.StartsWith("count_primes", StringComparison.Ordinal));
        Assert.True(figures > 0, text);
        IronPythonLines.AssertCalls(lines[..figures]);
        IronPythonLines.AssertFigures(lines[figures..]);
    }

    /// <summary>Not there, not in this version, or no feed answers.</summary>
    [GeneratedRegex(@"NU110[12]:.*\bIronPython\b|NU1301")]
    private static partial Regex NotOnAnyFeed();
}
