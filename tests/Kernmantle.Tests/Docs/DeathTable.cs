using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Kernmantle.Tests.Docs;

/// <summary>Deaths that are caused one by one, and the rows that docs/deaths.md has of them.</summary>
internal static partial class DeathTable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    public static readonly string[] Head = ["| the death | what the exception says |", "|---|---|"];

    public static string Row(string death, Exception failure) =>
        $"| {death} | `{failure.GetType().Name}`{(failure is WorkerCrashedException crash ? $" ({crash.Reason})" : "")}: {Normal(failure.Message).Replace("|", "\\|", StringComparison.Ordinal)} |";

    /// <summary>Without what differs from run to run.</summary>
    private static string Normal(string message)
    {
        string text = Pid().Replace(message, "pid N");
        text = Address().Replace(text, "0x…");
        text = Generated().Replace(text, "N_N");
        text = Seconds().Replace(text, "N s");
        text = Folder().Replace(text, "");
        return Brackets().Replace(Line().Replace(text, "line N"), static match => $"`{match.Value}`");
    }

    /// <summary>Ends the process of a call that has begun, by a signal, for as often as it takes: a runtime lets the first SIGSEGV of some pass.</summary>
    public static async Task SignalAsync(int process, int signal, string begunFile, Task call)
    {
        long start = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!File.Exists(begunFile) && !call.IsCompleted && Stopwatch.GetElapsedTime(start) < Deadline)
            await tick.WaitForNextTickAsync();
        while (!call.IsCompleted && Stopwatch.GetElapsedTime(start) < Deadline)
        {
            _ = Kill(process, signal);
            await tick.WaitForNextTickAsync();
        }
    }

    public static async Task<Exception> FailureOf(Task call) =>
        await Record.ExceptionAsync(() => call.WaitAsync(Deadline)) ?? throw new InvalidOperationException("It did not fail.");

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    [GeneratedRegex(@"pid \d+")]
    private static partial Regex Pid();

    [GeneratedRegex(@"0x[0-9a-f]{6,}")]
    private static partial Regex Address();

    [GeneratedRegex(@"(?<=b__|\|)\d+_\d+")]
    private static partial Regex Generated();

    [GeneratedRegex(@"\d+[.]\d+ s\b")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"/[\w./-]+/(?=[\w.-]+)")]
    private static partial Regex Folder();

    [GeneratedRegex(@"line \d+")]
    private static partial Regex Line();

    /// <summary>What Markdown would take for a tag.</summary>
    [GeneratedRegex(@"[\w.+]*<[^ ]*")]
    private static partial Regex Brackets();
}
