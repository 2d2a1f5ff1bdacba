using System.Diagnostics;

namespace Kernmantle.Python.Tests.Samples;

/// <summary>The Python samples, built as their users build them, in a folder that goes with the fixture.</summary>
public sealed class PythonSamples : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-python-samples-").FullName;

    public static string Root { get; } = typeof(PythonSamples).Assembly
        .GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
        .Cast<System.Reflection.AssemblyMetadataAttribute>()
        .Single(static a => a.Key == "RepositoryRoot").Value!;

    public string PythonThreads => Path.Combine(folder, "PythonThreads", "PythonThreads");

    public string PastTheGil => Path.Combine(folder, "PastTheGil", "PastTheGil");

    public async ValueTask InitializeAsync()
    {
        foreach (string sample in (string[])["PythonThreads", "PastTheGil"])
        {
            (int exit, string text) = await RunAsync(
                "dotnet",
                "build", $"samples/{sample}", "-nologo", "-v", "q", "-c", "Release", "-o", Path.Combine(folder, sample), "--artifacts-path", Path.Combine(folder, $"{sample}-obj"));
            Assert.True(exit == 0, text);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return default;
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Root };
        foreach (string name in start.Environment.Keys.Where(static k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{file} {string.Join(' ', arguments)} did not end within {Deadline}.");
        }
        return (process.ExitCode, await output + await error);
    }
}
