using System.Diagnostics;
using System.Text.Json;

namespace Kernmantle.Benchmarks;

/// <summary>Python's <c>ProcessPoolExecutor</c> (spawn), driven a command at a time so that it takes turns with ours.</summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process process;

    private PythonPeer(Process process, string version)
    {
        this.process = process;
        Version = version;
    }

    public string Version { get; }

    /// <summary>Starts the peer; null, with the reason, if this machine has no Python.</summary>
    public static PythonPeer? TryStart(string script, out string reason)
    {
        reason = "";
        try
        {
            using Process probe = Process.Start(new ProcessStartInfo("python3", ["--version"]) { RedirectStandardOutput = true })!;
            string version = probe.StandardOutput.ReadToEnd().Trim();
            probe.WaitForExit();
            Process process = Process.Start(new ProcessStartInfo("python3", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            return new(process, version);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            reason = $"python3 cannot be started: {e.Message}";
            return null;
        }
    }

    /// <summary>Seconds from the pool's creation to the first result.</summary>
    public double Cold() => Ask<double>("cold");

    /// <summary>Starts a pool and returns its workers' process ids.</summary>
    public int[] Open(int workers) => Ask<int[]>($"open {workers}");

    /// <summary>Seconds of each call.</summary>
    public double[] Calls(int count) => Ask<double[]>($"calls {count}");

    public void Close() => Ask<object?>("close");

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    private T Ask<T>(string command)
    {
        process.StandardInput.WriteLine(command);
        process.StandardInput.Flush();
        string answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The Python peer ended at '{command}'.");
        return JsonSerializer.Deserialize<T>(answer)!;
    }
}
