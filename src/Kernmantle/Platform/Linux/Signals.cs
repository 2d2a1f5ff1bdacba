namespace Kernmantle.Platform.Linux;

/// <summary>What the signals mean that end a process (x64 and arm64 number them alike).</summary>
internal static class Signals
{
    public const int Abort = 6, Kill = 9, Segv = 11, Xcpu = 24;

    private static readonly string[] Names =
    [
        "?", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2",
        "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
        "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary>The name of a Linux signal.</summary>
    public static string NameOf(int signal) => signal > 0 && signal < Names.Length ? Names[signal] : $"signal {signal}";

    /// <summary>The signal's likely cause, and what to do about it.</summary>
    public static string CauseOf(int signal) => NameOf(signal) switch
    {
        "SIGKILL" => "Somebody killed it (kill -9, a supervisor, a container that was stopped), and not the kernel for want of memory, whose count of such kills did not change. Look for who did.",
        "SIGTERM" => "Somebody asked it to end (kill, a supervisor, a container or system that shuts down). Send the signal to this program instead: it ends its workers in order.",
        "SIGINT" => "Somebody interrupted it (kill -INT); Ctrl-C in a terminal reaches this program only. Interrupt this program instead.",
        "SIGQUIT" => "Somebody sent it SIGQUIT (kill -QUIT). Use dotnet-stack or CallTimeoutException.Stacks to see what a worker does.",
        "SIGHUP" => "Somebody sent it SIGHUP, as a terminal that closes does. Start this program with nohup or as a service.",
        "SIGBUS" => "A mapped file was cut, or the disk or /dev/shm is full; or native code used a bad pointer. Check the space there is first.",
        "SIGSEGV" => "Native code that the function called (P/Invoke, a library) used a bad pointer, or somebody sent it SIGSEGV. Set DOTNET_DbgEnableMiniDump=1 in the pool's Environment and look at the dump.",
        "SIGILL" or "SIGTRAP" => "Native code ended itself (__builtin_trap) or was built for another processor. Check which libraries the function loads.",
        "SIGFPE" => "Native code divided an integer by zero. Check what the function passes to it.",
        "SIGXFSZ" => "A file grew beyond the limit for files (ulimit -f, RLIMIT_FSIZE). Raise the limit, or write less to one file.",
        "SIGSYS" => "A system call that the sandbox forbids (seccomp). Allow it, or avoid the call.",
        "SIGALRM" or "SIGVTALRM" or "SIGPROF" => "A timer that code in the worker had set ran out (alarm, setitimer), and nobody handled its signal.",
        "SIGPIPE" => "Native code wrote to a pipe or socket that nobody reads any more, and had not ignored SIGPIPE.",
        _ => "Somebody sent it this signal, or code in the worker did.",
    };

    /// <summary>The signal comes from a person or program that wants the process to end, not from what it did: its last line explains nothing.</summary>
    public static bool IsFromOutside(int signal) => NameOf(signal) is "SIGKILL" or "SIGTERM" or "SIGINT" or "SIGQUIT" or "SIGHUP";
}
