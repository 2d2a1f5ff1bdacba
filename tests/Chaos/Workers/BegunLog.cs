using System.Runtime.InteropServices;

namespace Kernmantle.Chaos.Workers;

/// <summary>What a function writes before it does anything else: who began, which attempt, where and when.</summary>
/// <remarks>32 bytes, so that no record lies across two pages: the kernel may end a write between two pages when its process is killed.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BegunRecord(long Id, int Attempt, int ProcessId, long Time, long Check)
{
    public const int Size = 32;

    public static BegunRecord Of(long id, int attempt, int processId, long time) => new(id, attempt, processId, time, CheckOf(id, attempt, processId, time));

    public bool IsWhole => Check == CheckOf(Id, Attempt, ProcessId, Time);

    private static long CheckOf(long id, int attempt, int processId, long time) => (long)Mixing.Mix((ulong)id ^ Mixing.Mix((ulong)attempt << 32 ^ (uint)processId ^ Mixing.Mix((ulong)time)));
}

/// <summary>The file that a pool's workers append to, one write for each begin.</summary>
internal static unsafe partial class BegunLog
{
    /// <summary>The variable that names the file to the workers.</summary>
    public const string Variable = "CHAOS_BEGUN";

    private const int WriteOnly = 1, Append = 0x400, CloseOnExec = 0x80000;

    private static readonly int File = Open(Environment.GetEnvironmentVariable(Variable)!, WriteOnly | Append | CloseOnExec);

    /// <summary>Called by a function as its first act.</summary>
    public static void Begin(long id)
    {
        BegunRecord record = BegunRecord.Of(id, WorkerContext.Current?.Attempt ?? 0, Environment.ProcessId, System.Diagnostics.Stopwatch.GetTimestamp());
        nint written = Write(File, &record, BegunRecord.Size);
        if (written != BegunRecord.Size)
            throw new IOException($"The begin of call {id} could not be written: {written} bytes, error {Marshal.GetLastPInvokeError()}.");
    }

    /// <exception cref="InvalidDataException">A part of it is no record.</exception>
    public static BegunRecord[] Read(string path)
    {
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        BegunRecord[] records = MemoryMarshal.Cast<byte, BegunRecord>(bytes).ToArray();
        if (bytes.Length % BegunRecord.Size != 0 || !Array.TrueForAll(records, static r => r.IsWhole))
            throw new InvalidDataException($"{path} ({bytes.Length} bytes) holds what no function wrote.");
        return records;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int file, void* bytes, nint count);
}
