using Kernmantle.Platform.Linux;

namespace Kernmantle.Host.Death;

/// <summary>How a process ended: in one clause, and why that is likely, each cause with what to do about it.</summary>
/// <param name="Reason">What kind of end it was.</param>
/// <param name="How">Completes "it …".</param>
/// <param name="Causes">The most likely first.</param>
/// <param name="LastLineTells">What it wrote last may say why.</param>
internal sealed record Diagnosis(CrashReason Reason, string How, string[] Causes, bool LastLineTells = false)
{
    /// <param name="end">As the system reports it; null where it did not.</param>
    /// <param name="words">What the runtime said, if it did.</param>
    /// <param name="foreign">The program is not .NET.</param>
    /// <param name="calledExit">It says that it called Environment.Exit.</param>
    public static Diagnosis Of(ProcessEnd? end, LastWords? words, bool foreign, bool calledExit = false) => end switch
    {
        { Signal: Signals.Abort } or { Signal: Signals.Segv } when words is not null => Spoken(words, end.Signal.Value),
        { Signal: Signals.Abort } => new(
            CrashReason.RuntimeAbort,
            "was aborted (SIGABRT) without a word of the runtime",
            ["Native code that the function called gave up: abort(), a failed assert, an uncaught C++ exception. Or somebody sent it SIGABRT. Check what the library says of its errors; DOTNET_DbgEnableMiniDump=1 in the pool's Environment writes a dump."],
            LastLineTells: true),
        { Signal: int signal } => new(CrashReason.Signal, $"was ended by signal {signal} ({Signals.NameOf(signal)})", [Signals.CauseOf(signal)], !Signals.IsFromOutside(signal)),
        { ExitCode: int code } when calledExit => new(CrashReason.Exited, $"called Environment.Exit({code})", ["The function, or a library it uses, ended the process by Environment.Exit. Return a value or throw an exception instead."], LastLineTells: true),
        { ExitCode: int code } => new(CrashReason.Exited, $"exited with code {code}", [ExitCause(foreign)], LastLineTells: true),
        _ => new(CrashReason.Killed, "ended, and the system did not say how", ["Something else reaped the process: this program ignores SIGCHLD, or native code handles it. Leave SIGCHLD alone."]),
    };

    /// <summary>What the runtime says where the user says nothing.</summary>
    private const string NoMessage = "Runtime operation halted by call to System.Environment.FailFast()";

    private static string ExitCause(bool foreign) => foreign
        ? "The function, or a library it uses, ended the process: sys.exit, os._exit, or exit() in native code. Raise an exception instead."
        : "Native code that the function called ended the process: exit() or _exit(). Environment.Exit would be told by its name. Find out what that library gave up on: see the last lines.";

    private static Diagnosis Spoken(LastWords words, int signal)
    {
        string at = words.Frames.Count > 0 ? $" at {words.Frames[0]}" : "";
        CrashReason aborted = signal == Signals.Abort ? CrashReason.RuntimeAbort : CrashReason.Signal;
        string name = Signals.NameOf(signal);
        return words.Kind switch
        {
            LastWordsKind.FailFast when words.Said.StartsWith(NoMessage, StringComparison.Ordinal) => new(aborted, $"was ended by Environment.FailFast{at}, without a message", ["The function, or a library it uses, gave up on purpose. Look at what it checks at the frame named here."]),
            LastWordsKind.FailFast => new(aborted, $"was ended by Environment.FailFast{at}: \"{words.Said}\"", ["The function, or a library it uses, gave up on purpose, and the message says why. Remove what it complains of."]),
            LastWordsKind.UnhandledException => new(aborted, $"was ended by an exception that nobody caught{(at.Length > 0 ? "," : "")}{at}: {words.Said}", ["It was thrown on a thread that the function had started, or in an async void method, where no caller can catch it. Catch it there, or use a Task and await it."]),
            LastWordsKind.StackOverflow => new(aborted, $"overflowed its stack{at}", ["A stack overflow: recursion that has no end, or is too deep for its input. Bound it, or run it on a thread with a larger stack (new Thread(f, maxStackSize))."]),
            LastWordsKind.AccessViolation => new(aborted, $"accessed memory that is not its own{at}: {words.Said}", ["Unsafe code or a P/Invoke used a bad pointer or a freed buffer. Check the pointers and lengths at the frame named here."]),
            LastWordsKind.Python => new(aborted, $"crashed{at}: {words.Said}", [signal == Signals.Abort
                ? "Native code gave up (os.abort, a failed assertion in an extension module), or the interpreter found its state damaged. Look at the frame named here, and update the extension module it calls."
                : "Native code (ctypes, an extension module) used a bad pointer. Look at the frame named here, and update the extension module it calls."]),
            LastWordsKind.Native => new(aborted, $"was aborted by the C library: \"{words.Said}\"", ["Native code that the function called damaged its memory or threw an exception that nobody caught. Run that library's own tests under a memory checker (valgrind, AddressSanitizer)."]),
            _ => new(aborted, $"was ended by its runtime{at} ({name}): \"{words.Said}\"", ["The runtime found its own state damaged: most often by native or unsafe code that wrote where it should not. Check that first."]),
        };
    }
}
