// A native library that crashes in several ways: each failure says how, and the host goes on.
using System.Runtime.InteropServices;
using Kernmantle;

await using WorkerPool pool = WorkerPool.Processes(1, new() { RestartLimit = int.MaxValue });
(string What, Action Function, CrashReason Reason, int? Code)[] crashes =
[
    ("exit(9)", static () => Native.Exit(9), CrashReason.Exited, 9),
    ("abort()", static () => Native.Abort(), CrashReason.Signal, 6),
    ("a write to null", static () => Native.MemSet(0, 1, 1), CrashReason.Signal, 11),
    ("raise(SIGKILL)", static () => Native.Raise(9), CrashReason.Signal, 9),
];
int wrong = 0;
foreach ((string what, Action function, CrashReason reason, int? code) in crashes)
{
    try
    {
        await pool.RunAsync(function);
        wrong++;
    }
    catch (WorkerCrashedException crash)
    {
        Console.WriteLine($"{what}: {crash.Message.Split('\n')[0]}");
        if ((crash.ExitCode ?? crash.Signal) != code || (crash.Reason != reason && crash.Reason != CrashReason.RuntimeAbort))
            wrong++;
    }
    if (await pool.RunAsync(static n => n + 1, 41) != 42)
        wrong++;
}
return wrong;

internal static partial class Native
{
    [DllImport("libc", EntryPoint = "exit")]
    public static extern void Exit(int code);

    [DllImport("libc", EntryPoint = "abort")]
    public static extern void Abort();

    [DllImport("libc", EntryPoint = "memset")]
    public static extern nint MemSet(nint where, int value, nint length);

    [DllImport("libc", EntryPoint = "raise")]
    public static extern int Raise(int signal);
}
