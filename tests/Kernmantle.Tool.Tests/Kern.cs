using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Kernmantle.Contracts.Requirements;
using Kernmantle.Diagnostics;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Tests;

/// <summary><c>kern</c> as a user runs it, with a folder of its own for temporary files.</summary>
internal sealed partial class Kern : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private readonly DirectoryInfo temporary = Directory.CreateTempSubdirectory("kern-test-");
    private readonly Process process;
    private readonly Task<string> output, error;

    /// <summary>Where programs are looked for, the interpreter itself first.</summary>
    public static Lazy<string> SearchPath { get; } = new(PythonFirst);

    public Kern(params string[] arguments)
        : this([], arguments)
    {
    }

    /// <param name="launcher">A program, with its arguments, that is given the command line of <c>kern</c> and becomes it.</param>
    public Kern(string[] launcher, string[] arguments)
    {
        // A shell that runs the tests in the background has them ignore Ctrl-C, and what they start would inherit that.
        ProcessStartInfo start = new("env") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string argument in (string[])["--default-signal=INT,TERM", .. launcher, "dotnet", "exec", typeof(ExitCodes).Assembly.Location, .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment["TMPDIR"] = temporary.FullName;
        start.Environment["PATH"] = SearchPath.Value;
        // It and its workers live for a second or two: compiling methods once more, faster, costs a sixth of their time and is not asked about.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        process = Process.Start(start)!;
        process.StandardInput.Close();
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it has left in the folder for temporary files.</summary>
    public IEnumerable<string> Remains => temporary.EnumerateFileSystemInfos().Select(static left => left.Name).Where(static name =>
        // The runtime's own: removed by the next one that starts.
        !name.StartsWith("clr-debug-pipe-", StringComparison.Ordinal) && !name.StartsWith("dotnet-diagnostic-", StringComparison.Ordinal));

    public async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"kern (pid {process.Id}) did not end within {Deadline}.\n{Evidence(process.Id)}{string.Concat(Workers().Select(static id => $"its worker {id}:\n{Evidence(id)}"))}");
        }
        return (process.ExitCode, await output, await error);
    }

    /// <summary>What a process that should have ended is doing: its state, and the stacks of its threads.</summary>
    private static string Evidence(int id)
    {
        try
        {
            return $"{File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/status"))}{StackReader.Read(id)}";
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return $"{e.Message}\n";
        }
    }

    /// <summary>Its worker processes, now.</summary>
    public IReadOnlyList<int> Workers() =>
    [
        .. Directory.GetDirectories("/proc")
            .Select(static folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == process.Id),
    ];

    public async Task WaitForWorkersAsync()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        using CancellationTokenSource late = new(Deadline);
        while (Workers().Count == 0)
        {
            Assert.False(process.HasExited, "It ended without workers.");
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    public void Interrupt() => Assert.Equal(0, Kill(process.Id, 2));

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        temporary.Delete(recursive: true);
    }

    /// <summary>What was killed needs a moment to end, where the processors are busy.</summary>
    public static async Task WaitForEndAsync(IEnumerable<int> processes)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        while (processes.Any(static id => ParentOf(id) is not null))
            await timer.WaitForNextTickAsync(late.Token);
    }

    /// <summary>Where there is none, the tests that need it say so.</summary>
    private static string PythonFirst()
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return InstalledPrograms.Find("python3") is null ? path : $"{Path.GetDirectoryName(InstalledPrograms.Interpreter("python3"))}:{path}";
    }

    /// <summary>For a <c>kern</c> that has workers, or soon will: Ctrl-C ends it and them.</summary>
    public async Task LeavesNothingBehindAsync()
    {
        await WaitForWorkersAsync();
        IReadOnlyList<int> workers = Workers();
        Interrupt();
        (int code, _, string error) = await EndAsync();
        Assert.Equal((ExitCodes.Interrupted, "kern: interrupted.\n"), (code, error));
        await WaitForEndAsync(workers);
        Assert.Empty(Remains);
    }

    /// <summary>Null where there is no such process, or only its remains.</summary>
    private static int? ParentOf(int id)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
