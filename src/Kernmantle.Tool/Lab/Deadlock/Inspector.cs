using Microsoft.Diagnostics.Runtime;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>A thread of another process.</summary>
/// <param name="Frames">Methods, the innermost first.</param>
/// <param name="HeldLocks">How many of the runtime's locks it holds, by the runtime's own table.</param>
internal sealed record InspectedThread(int SystemId, string[] Frames, int HeldLocks);

/// <summary>Looks into another process as a debugger does. In a process of its own: the inspected one must not be ended while someone is attached.</summary>
internal static class Inspector
{
    private const int MostFrames = 12;

    /// <param name="process">Stands still while it is looked at.</param>
    public static InspectedThread[] Inspect(int process)
    {
        using DataTarget target = DataTarget.AttachToProcess(process, suspend: true);
        using ClrRuntime runtime = target.ClrVersions.Single().CreateRuntime();
        ILookup<ulong, SyncBlock> held = runtime.Heap.EnumerateSyncBlocks()
            .Where(static block => block.IsMonitorHeld)
            .ToLookup(static block => block.HoldingThreadAddress);
        return
        [
            .. runtime.Threads.Where(static thread => thread.IsAlive).Select(thread => new InspectedThread(
                (int)thread.OSThreadId,
                [.. thread.EnumerateStackTrace()
                    .Where(static frame => frame.Method is not null)
                    .Take(MostFrames)
                    .Select(static frame => frame.Method!.Signature ?? frame.Method.Name ?? "?")],
                held[thread.Address].Count())),
        ];
    }
}
