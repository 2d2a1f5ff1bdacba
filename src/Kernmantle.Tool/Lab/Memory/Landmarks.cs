using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Lab.Memory;

/// <summary>An object on the heap.</summary>
internal sealed record Cell
{
    public long Value { get; set; }
}

/// <summary>What a visitor is to look for: where the host has its things, and what stands there.</summary>
internal sealed record Sought(long Token, long HeapAddress, long StackAddress, string File, string Assembly);

/// <summary>What a visitor found and did, told from its own point of view.</summary>
internal sealed record Visit
{
    public required int ProcessId { get; init; }
    public required int ThreadId { get; init; }
    public required int Threads { get; init; }
    public required bool HasMainThread { get; init; }

    /// <summary>The value of the static field before the visitor changed it.</summary>
    public required long Static { get; init; }

    /// <summary>What the visitor has at the host's addresses; null for nothing.</summary>
    public required long? AtHeapAddress { get; init; }
    public required long? AtStackAddress { get; init; }

    public required long CodeAddress { get; init; }
    public required long StaticAddress { get; init; }
    public required long HeapAddress { get; init; }
    public required long StackAddress { get; init; }
    public required ulong StackFrom { get; init; }
    public required ulong StackTo { get; init; }
    public required Guid Module { get; init; }
    public required int Descriptor { get; init; }
    public required long SharedCodeBytes { get; init; }
}

/// <summary>One thing of each kind of memory, and a visitor that looks at them and changes them wherever it runs.</summary>
internal static unsafe class Landmarks
{
    /// <summary>How long a visitor computes, so that the system counts it.</summary>
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(100);

    private static readonly List<FileStream> KeptOpen = [];
    private static readonly Cell OwnCell = new();
    private static long staticField;

    public static long Static
    {
        get => Volatile.Read(ref staticField);
        set => Volatile.Write(ref staticField, value);
    }

    /// <summary>The code that all measurements mean: a method of this program.</summary>
    public static long CodeAddress
    {
        get
        {
            RuntimeMethodHandle method = ((Func<Sought, Cell, Visit>)Visit).Method.MethodHandle;
            RuntimeHelpers.PrepareMethod(method);
            return method.GetFunctionPointer();
        }
    }

    public static long StaticAddress => (long)Unsafe.AsPointer(ref staticField);

    /// <summary>Where an object of this process is now; the collector may move it later.</summary>
    public static long HeapAddress
    {
        get
        {
            object cell = OwnCell;
            return *(long*)Unsafe.AsPointer(ref cell);
        }
    }

    /// <summary>Looks around, then changes the static field, the object, and, where they are the host's, the values at its addresses.</summary>
    public static Visit Visit(Sought sought, Cell cell)
    {
        long local = 0;
        Mapping stack = Proc.MappingOf((long)&local);
        Visit visit = new()
        {
            ProcessId = Environment.ProcessId,
            ThreadId = LibC.ThreadId,
            Threads = Proc.Threads(),
            HasMainThread = Proc.HasMainThread(),
            Static = Static,
            AtHeapAddress = Proc.ReadMemory(sought.HeapAddress),
            AtStackAddress = Proc.ReadMemory(sought.StackAddress),
            CodeAddress = CodeAddress,
            StaticAddress = StaticAddress,
            HeapAddress = HeapAddress,
            StackAddress = (long)&local,
            StackFrom = stack.From,
            StackTo = stack.To,
            Module = typeof(Landmarks).Module.ModuleVersionId,
            Descriptor = Open(sought.File),
            SharedCodeBytes = Proc.SharedBytesOf("libcoreclr.so"),
        };
        Static = sought.Token + 1;
        cell.Value = sought.Token + 1;
        if (visit.AtHeapAddress == sought.Token)
            Volatile.Write(ref *(long*)sought.HeapAddress, sought.Token + 1);
        if (visit.AtStackAddress == sought.Token)
            Volatile.Write(ref *(long*)sought.StackAddress, sought.Token + 1);
        // New code: whoever shares the code of this process has it now too.
        _ = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName(sought.Assembly), AssemblyBuilderAccess.Run);
        return visit;
    }

    /// <summary>Whether a descriptor of this process leads to that file.</summary>
    public static bool HasOpen(int descriptor, string file) =>
        new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}")).LinkTarget == file;

    public static void CloseAll()
    {
        foreach (FileStream file in KeptOpen)
            file.Dispose();
        KeptOpen.Clear();
    }

    private static int Open(string path)
    {
        FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        lock (KeptOpen)
            KeptOpen.Add(file);
        return (int)file.SafeFileHandle.DangerousGetHandle();
    }

    /// <summary>Computes for a while.</summary>
    /// <returns>The seconds of processor time that the system counted for the process it ran in.</returns>
    public static double Compute()
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < Work)
        {
        }
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }
}
