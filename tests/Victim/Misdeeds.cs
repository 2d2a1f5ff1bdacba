using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kernmantle.Victim;

/// <summary>What no program should do, done for real.</summary>
public static partial class Misdeeds
{
    public static void ExitSeven() => Environment.Exit(7);

    public static void FailFast() => Environment.FailFast("the victim gives up");

    public static void FailFastWithoutAWord() => Environment.FailFast(null);

    public static void ExitNative() => Exit(9);

    public static void AbortNative() => Abort();

    /// <summary>Memory that nobody has mapped, through managed code.</summary>
    public static void WriteAstray() => Marshal.WriteInt32(0x1234_5678, 1);

    public static int ExitInAStaticConstructor() => Doomed.Value;

    /// <summary>Nobody awaits it, so nobody can catch what it throws.</summary>
    public static void ThrowInAsyncVoid()
    {
        ThrowLater();
        LoopForEver();

        static async void ThrowLater()
        {
            await Task.Yield();
            throw new InvalidOperationException("nobody awaits this");
        }
    }

    /// <summary>Runs for ever once the file is there.</summary>
    public static void SignAndWait(string file)
    {
        File.WriteAllText(file, "");
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>More than the system allows.</summary>
    public static void WriteALargeFile(string file)
    {
        const int FileSize = 1, Limit = 32 << 20;
        nint[] limits = [Limit, Limit];
        _ = SetLimit(FileSize, limits);
        using FileStream stream = File.Create(file);
        stream.Write(new byte[Limit + 1]);
        stream.Flush(flushToDisk: true);
    }

    public static int OverflowTheStack() => Recurse(0);

    public static void WriteToNull() => SetMemory(0, 1, 1);

    public static void LoopForEver()
    {
        while (true)
        {
        }
    }

    /// <summary>Keeps what it allocates until there is no more; the failure arrives in the call.</summary>
    public static int FillTheHeap()
    {
        List<byte[]> kept = [];
        while (true)
            kept.Add(new byte[1 << 20]);
    }

    /// <summary>The same on a thread where nobody catches it: the runtime ends the process.</summary>
    public static void FillTheHeapElsewhere()
    {
        new Thread(() => FillTheHeap()).Start();
        LoopForEver();
    }

    public static void ThrowElsewhere()
    {
        new Thread(() => throw new InvalidOperationException("nobody catches this")).Start();
        LoopForEver();
    }

    public static void ThrowUnspeakable() => throw new UnspeakableException();

    public static void KillSelf(int signal)
    {
        while (true)
            _ = Kill(Environment.ProcessId, signal);   // the runtime lets the first SIGSEGV from outside pass
    }

    /// <summary>To another process; 0 for done.</summary>
    public static int Signal(int process, int signal) => Kill(process, signal);

    public static void WriteEverywhere()
    {
        Console.WriteLine("managed out");
        Console.Error.WriteLine("managed error");
        byte[] native = "native error\n"u8.ToArray();
        _ = Write(2, native, native.Length);
    }

    /// <summary>Memory that no managed heap knows of, a page of it touched each; returns how much it got.</summary>
    public static unsafe long FillNativeMemory(long bytes)
    {
        const int Portion = 1 << 20, Page = 4096;
        for (long had = 0; had < bytes; had += Portion)
        {
            byte* portion = (byte*)NativeMemory.Alloc(Portion);
            for (int i = 0; i < Portion; i += Page)
                portion[i] = 1;
        }
        return bytes;
    }

    /// <summary>Threads that wait for ever.</summary>
    public static int StartThreads(int count)
    {
        for (int i = 0; i < count; i++)
            new Thread(static () => Thread.Sleep(Timeout.Infinite)) { IsBackground = true }.Start();
        return count;
    }

    /// <summary>Files that stay open.</summary>
    public static int OpenFiles(int count)
    {
        var files = new List<FileStream>();
        for (int i = 0; i < count; i++)
            files.Add(File.OpenRead("/dev/null"));
        return files.Count;
    }

    /// <summary>As text through the console, or past it.</summary>
    public static int WriteMuch(int bytes, bool native)
    {
        byte[] line = [.. Enumerable.Repeat((byte)'x', 99), (byte)'\n'];
        string text = new('x', 99);
        for (int i = 0; i < bytes; i += 100)
        {
            if (native)
                _ = Write(1, line, line.Length);
            else
                Console.WriteLine(text);
        }
        return bytes;
    }

    /// <summary>Starts a program that outlives the call and holds its standard output open.</summary>
    /// <summary>One in a session of its own: it is not killed with the worker.</summary>
    public static int LeaveAGrandchild()
    {
        using var child = System.Diagnostics.Process.Start("setsid", ["sleep", "1000"]);
        while (File.ReadAllText($"/proc/{child.Id}/comm") != "sleep\n")
            Thread.Yield();
        return child.Id;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Recurse(int depth) => Recurse(depth + 1) + depth;

    [LibraryImport("libc", EntryPoint = "memset")]
    private static partial nint SetMemory(nint address, int value, nint count);

    [LibraryImport("libc", EntryPoint = "exit")]
    private static partial void Exit(int code);

    [LibraryImport("libc", EntryPoint = "abort")]
    private static partial void Abort();

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int which, nint[] limits);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int file, byte[] bytes, nint count);
}

/// <summary>Its first use ends the program.</summary>
internal static class Doomed
{
    public static readonly int Value = 1;

    static Doomed() => Environment.Exit(3);
}

/// <summary>Cannot be serialized, and even asking for its message fails.</summary>
public sealed class UnspeakableException : Exception
{
    public Stream Stream { get; } = new MemoryStream();

    public override string Message => throw new NotSupportedException("no message");
}
