using System.ComponentModel;
using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Running;

/// <summary>One start of a measuring program: its lines, or why there are none.</summary>
internal sealed record Outcome(IReadOnlyList<Line> Lines, string? Missing)
{
    public static Outcome Of(string reason) => new([], reason);
}

internal static class MeasureProcess
{
    public static async Task<Outcome> RunAsync(string[] command, TimeSpan limit)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            using var late = new CancellationTokenSource(limit);
            try
            {
                await process.WaitForExitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return Outcome.Of($"not finished within {limit.TotalSeconds:0} s");
            }
            Line[] lines = [.. (await output).Split('\n').Select(Line.TryParse).OfType<Line>()];
            return lines.Length > 0 && process.ExitCode == 0
                ? new(lines, null)
                : Outcome.Of(LastLine(await errors) ?? $"ended with code {process.ExitCode}");
        }
        catch (Win32Exception e)
        {
            return Outcome.Of($"{command[0]} cannot be started: {e.Message}");
        }
    }

    private static string? LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault(static line => !line.StartsWith("at ", StringComparison.Ordinal));
}
