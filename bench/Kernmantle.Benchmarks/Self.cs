using System.Diagnostics;

namespace Kernmantle.Benchmarks;

/// <summary>This program, started again as one that measures.</summary>
internal static class Self
{
    /// <summary>The command line of this program up to its own arguments.</summary>
    public static string[] Command { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, typeof(Self).Assembly.Location]
        : [Environment.ProcessPath!];

    public static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Command[0], [.. Command[1..], .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
