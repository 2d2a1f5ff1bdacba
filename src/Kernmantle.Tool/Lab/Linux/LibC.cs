using System.Runtime.InteropServices;
using Kernmantle.Tool.Lab.Running;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tool.Lab.Linux;

/// <summary>What the platform's own classes do not offer. Linux only, as the experiments that use it.</summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";
    private const int RusageSelf = 0, RusageThread = 1, SetPtracer = 0x59616d61, Interrupted = 4, SetDumpable = 4, NotPermitted = 1, NotImplemented = 38;

    /// <summary>The system's number of the calling thread; that of a process's main thread is the process's.</summary>
    public static int ThreadId => GetThreadId();

    /// <summary>How often another one has got the calling thread's core, because it waited or because its time was over.</summary>
    public static long Switches()
    {
        Usage usage;
        return GetUsage(RusageThread, &usage) == 0 ? usage.Words[16] + usage.Words[17] : throw Failure("getrusage");
    }

    /// <summary>The same of all threads of this process, those that have ended included.</summary>
    public static long ProcessSwitches()
    {
        Usage usage;
        return GetUsage(RusageSelf, &usage) == 0 ? usage.Words[16] + usage.Words[17] : throw Failure("getrusage");
    }

    /// <summary>The processors that the calling thread may run on.</summary>
    public static int[] AllowedProcessors()
    {
        ProcessorSet set;
        if (GetAffinity(0, sizeof(ProcessorSet), &set) < 0)
            throw Failure("sched_getaffinity");
        ulong* words = set.Words;
        return [.. Enumerable.Range(0, ProcessorSet.Count).Where(processor => (words[processor / 64] >> (processor % 64) & 1) != 0)];
    }

    /// <summary>Lets a thread run on these processors only; threads that it starts afterwards inherit that.</summary>
    /// <param name="threadId">0 for the calling thread.</param>
    /// <exception cref="UnavailableException">The system does not permit it.</exception>
    public static void Pin(int threadId, params ReadOnlySpan<int> processors)
    {
        ProcessorSet set = default;
        foreach (int processor in processors)
            set.Words[processor / 64] |= 1UL << (processor % 64);
        if (SetAffinity(threadId, sizeof(ProcessorSet), &set) == 0)
            return;
        // Some containers forbid it, and some systems do not have it.
        throw Marshal.GetLastPInvokeError() is NotPermitted or NotImplemented
            ? new UnavailableException($"The system does not let a program choose the processors that it runs on (sched_setaffinity: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}).")
            : Failure("sched_setaffinity");
    }

    /// <summary>A number that the C library knows; -1, or 0, where it does not.</summary>
    public static long Sysconf(int name) => GetConfiguration(name);

    /// <summary>A named pipe.</summary>
    public static void MakeFifo(string path)
    {
        if (MakeFifo(path, 0x180) != 0)   // rw-------
            throw Failure("mkfifo");
    }

    /// <returns>How many bytes were read: 1 or more, unless the other side has gone.</returns>
    public static int Read(SafeFileHandle handle, Span<byte> bytes)
    {
        fixed (byte* start = bytes)
            return Transferred("read", Read(handle, start, bytes.Length));
    }

    /// <returns>How many bytes were written.</returns>
    public static int Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            return Transferred("write", Write(handle, start, bytes.Length));
    }

    /// <summary>
    /// Allows any process of this user to read this one's threads, where Yama restricts that to parents. Systems without Yama refuse, and need it not.
    /// </summary>
    public static void AllowInspection() => _ = Prctl(SetPtracer, nuint.MaxValue, 0, 0, 0);

    /// <summary>A crash of this process leaves no core dump.</summary>
    public static void LeaveNoDump()
    {
        if (Prctl(SetDumpable, 0, 0, 0, 0) != 0)
            throw Failure("prctl");
    }

    private static int Transferred(string function, nint count)
    {
        if (count >= 0)
            return (int)count;
        // A signal came first: nothing was transferred, and the caller tries again.
        return Marshal.GetLastPInvokeError() == Interrupted ? 0 : throw Failure(function);
    }

    private static IOException Failure(string function) => new($"{function} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    [LibraryImport(Library, EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport(Library, EntryPoint = "sysconf")]
    private static partial nint GetConfiguration(int name);

    [LibraryImport(Library, EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, Usage* usage);

    [LibraryImport(Library, EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nint size, ProcessorSet* set);

    [LibraryImport(Library, EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nint size, ProcessorSet* set);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle handle, byte* start, nint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle handle, byte* start, nint count);

    [LibraryImport(Library, EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    private struct ProcessorSet
    {
        public const int Count = 1024;
        public fixed ulong Words[Count / 64];
    }

    /// <summary><c>struct rusage</c> of 64-bit Linux: 18 words.</summary>
    private struct Usage
    {
        public fixed long Words[18];
    }
}
