using System.Collections.Concurrent;
using System.Diagnostics;
using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks.Running;

/// <summary>How each measuring program is started, and what has to be made first. What cannot be made is missing, with the reason.</summary>
internal sealed class Toolchains(string build, string python)
{
    private static readonly string Peers = Path.Combine("bench", "peers");

    private readonly ConcurrentDictionary<Side, Task<string?>> prepared = new();

    public string Python => python;

    /// <summary>Null, or why programs of this kind cannot run.</summary>
    public Task<string?> PrepareAsync(Side side) => prepared.GetOrAdd(side, which => which switch
    {
        Side.C => ToolAsync(["gcc", "-O2", "-pthread", "-o", InBuild("peers"), .. Directory.GetFiles(Path.Combine(Peers, "c"), "*.c")], 60),
        Side.Python => ToolAsync([python, "--version"], 10),
        Side.Node => NodeAsync(),
        Side.Erlang => Task.FromResult(IsInPath("escript") ? null : "escript is not installed"),
        Side.Rpc => BuildAsync("dotnet", "rpc"),
        Side.Pythonnet => BuildAsync("pythonnet", "pythonnet"),
        _ => Task.FromResult<string?>(null),
    });

    public string[] Command(Measure measure, string[] numbers) => measure.Side switch
    {
        Side.C => [InBuild("peers"), measure.What, .. numbers],
        Side.Python => [python, Path.Combine(Peers, "python", "main.py"), measure.What, .. numbers],
        Side.Node => ["node", Path.Combine(Peers, "node", "main.mjs"), measure.What, .. numbers],
        Side.Erlang => ["escript", Path.Combine(Peers, "erlang", "main.escript"), measure.What, .. numbers],
        Side.Rpc => [InBuild("rpc", "bin", "Rpc", "release", "Rpc"), measure.What, .. numbers],
        Side.Pythonnet => [InBuild("pythonnet", "bin", "InProcess", "release", "InProcess"), python, Path.GetFullPath(Path.Combine(Peers, "python")), measure.What, .. numbers],
        _ => [.. Self.Command, "measure", measure.What, .. numbers],
    };

    private Task<string?> BuildAsync(string folder, string artifacts) =>
        ToolAsync(["dotnet", "build", Path.Combine(Peers, folder), "-c", "Release", "-v", "quiet", "-clp:NoSummary", "--artifacts-path", InBuild(artifacts)], 300);

    private string InBuild(params string[] parts) => Path.Combine([build, .. parts]);

    private static bool IsInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task<string?> NodeAsync()
    {
        if (await ToolAsync(["node", "--version"], 10) is { } missing)
            return missing;
        string folder = Path.Combine(Peers, "node");
        return File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"))   // what npm writes last
            ? null
            : await ToolAsync(["npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel", "error"], 60);
    }

    private static async Task<string?> ToolAsync(string[] command, int seconds)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            await process.WaitForExitAsync(late.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                return $"{command[0]} was not finished within {seconds} s";
            }
            string said = (await errors + await output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "";
            return process.ExitCode == 0 ? null : $"{command[0]} ended with code {process.ExitCode}: {said}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"{command[0]} is not installed";
        }
    }
}
