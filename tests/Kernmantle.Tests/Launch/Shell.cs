using Kernmantle.Host.Launch.Spawning;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tests.Launch;

/// <summary>Starts <c>/bin/sh</c> by the way workers are started.</summary>
internal static class Shell
{
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private static readonly Dictionary<string, string> Environment = new() { ["PATH"] = "/usr/bin:/bin", ["GREETING"] = "grüß dich" };

    public static SpawnCommand Command(string script) => new("/bin/sh", ["sh", "-c", script], Environment);

    public static SpawnedProcess Start(string script) => SpawnedProcess.Start(Command(script));

    /// <summary>Runs to its end; returns what was written to standard output.</summary>
    public static async Task<string> ReadAsync(string script, string? directory = null)
    {
        (SafeFileHandle read, SafeFileHandle write) = Descriptors.Pipe();
        using var stream = new FileStream(read, FileAccess.Read, 1);
        SpawnedProcess process;
        using (write)
            process = SpawnedProcess.Start(Command(script) with { WorkingDirectory = directory, Descriptors = [(write, 1)] });
        using var reader = new StreamReader(stream);
        string text = await reader.ReadToEndAsync().WaitAsync(Bound);
        await process.Ended.WaitAsync(Bound);
        return text.TrimEnd('\n');
    }
}
