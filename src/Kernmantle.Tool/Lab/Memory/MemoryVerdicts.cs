using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Memory;

/// <summary>What the measurements say about N1 to N4, N6 and N7.</summary>
internal static class MemoryVerdicts
{
    public static IReadOnlyList<Finding> Judge(MemoryMeasured measured)
    {
        Shared thread = measured.Thread, process = measured.Process;
        string cpu = $"{Units.Format(measured.VisitorCpu, Unit.Seconds)} on the worker's clock, {Units.Format(measured.HostCpu, Unit.Seconds)} on the host's.";
        return
        [
            new(
                "N1",
                "A worker process has resources of its own, and the system accounts for them.",
                Verdicts.Of(!process.Process && !process.Files && measured.HasExitRecord),
                $"Its own id: {Yes(!process.Process)}; a file it opened was open here: {Yes(process.Files)}; its end told its processor time and peak memory: {Yes(measured.HasExitRecord)}."),
            new(
                "N2",
                "What a worker process computes and stores is on its own clock and at its own addresses.",
                Verdicts.Of(!process.CpuTime && !process.Addresses),
                $"It worked: {cpu} The host's value stood at the same address there: {Yes(process.Addresses)}."),
            OwnMemory(measured),
            new(
                "N4",
                "A process that was only just started has a main thread.",
                Verdicts.Of(measured.HasMainThread),
                $"The thread with the process's own number was there: {Yes(measured.HasMainThread)}; {measured.ThreadsInProcess} threads in all, most of them the runtime's."),
            new(
                "N6",
                "A thread lives in its process: the same id, files and processor time.",
                Verdicts.Of(thread.Process && thread.Files && thread.CpuTime),
                $"The same process: {Yes(thread.Process)}; a file that it opened was open here: {Yes(thread.Files)}; its work was on this process's clock: {Yes(thread.CpuTime)}."),
            new(
                "N7",
                "Of a thread's memory, the stack is its own, and code, data and heap are everybody's.",
                Verdicts.Of(!thread.Stack && thread.Code && thread.Data && thread.Heap),
                $"Shared code: {Yes(thread.Code)}, data: {Yes(thread.Data)}, heap: {Yes(thread.Heap)}, stack: {Yes(thread.Stack)}. Its own is not its own alone: it could write into another thread's stack through an address: {Yes(thread.StackReachable)}."),
        ];
    }

    private static Finding OwnMemory(MemoryMeasured measured)
    {
        Shared process = measured.Process;
        bool own = !process.Code && !process.Data && !process.Heap && !process.Stack;
        // Separate to the program, and yet one copy in memory: the note's "independent" is coarser than what the system does.
        bool coarse = own && measured.SharedCodeBytes > 0;
        return new(
            "N3",
            "Nothing that a worker process changes in its code, data, heap or stack is seen here.",
            coarse ? Verdict.Depends : Verdicts.Of(own),
            $"Changes seen here: code {Yes(process.Code)}, data {Yes(process.Data)}, heap {Yes(process.Heap)}, stack {Yes(process.Stack)}."
            + (coarse ? $" But {Units.Format(measured.SharedCodeBytes, Unit.Bytes)} of the runtime's code are one copy in memory for both: independent in meaning, shared in substance." : ""));
    }

    private static string Yes(bool value) => value ? "yes" : "no";
}
