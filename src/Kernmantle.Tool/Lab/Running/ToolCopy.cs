using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kernmantle.Tool.Lab.Running;

/// <summary>What a copy of this program wrote to standard error, and how it ended.</summary>
internal sealed record CopyOutput(IReadOnlyList<string> Lines, int ExitCode, double Seconds);

/// <summary>Starts this program again, as a user would, for what can only be seen from outside: how a program ends.</summary>
internal static class ToolCopy
{
    public static async Task<CopyOutput> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(DotnetHost()) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in (string[])["exec", typeof(ToolCopy).Assembly.Location, .. arguments])
            start.ArgumentList.Add(argument);
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            string text = await process.StandardError.ReadToEndAsync(cancellationToken);
            await output;
            await process.WaitForExitAsync(cancellationToken);
            return new(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), process.ExitCode, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The <c>dotnet</c> that runs this program, whatever started it: the shim of an installed tool is not one.</summary>
    private static string DotnetHost()
    {
        string folder = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string host = Path.Combine(folder, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(host) ? host : "dotnet";
    }
}
