using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Memory;

/// <summary>The measurements of <c>memory</c> as figures and bars.</summary>
internal static class MemoryFigures
{
    public static IReadOnlyList<Figure> Of(MemoryMeasured measured) =>
    [
        .. Of("thread", "a thread", measured.Thread),
        .. Of("process", "a process", measured.Process),
        Figure.Seconds("process.cpu.own", "work in a process, on its own clock", Spread.Exactly(measured.VisitorCpu)),
        Figure.Seconds("process.cpu.host", "the same, on the host's clock", Spread.Exactly(measured.HostCpu)),
        Figure.Fact("process.mainThread", "a process has a main thread", measured.HasMainThread),
        Figure.Count("process.threads", "threads in an idle worker process", measured.ThreadsInProcess),
        Figure.Bytes("process.sharedCode", "code of the runtime that processes share in memory", Spread.Exactly(measured.SharedCodeBytes)),
        Figure.Bytes("thread.bytes", "memory of an idle thread", measured.BytesPerThread),
        Figure.Bytes("process.bytes", "memory of an idle process", measured.BytesPerProcess),
    ];

    public static Plot Plot(MemoryMeasured measured) => Model.Plot.Bars(
        "memory-per-worker",
        "Memory of one idle worker",
        new("resident memory", Unit.Bytes, Log: true),
        ["thread", "process"],
        new Series("memory", [Point.Of(0, measured.BytesPerThread), Point.Of(1, measured.BytesPerProcess)]));

    private static IEnumerable<Figure> Of(string name, string place, Shared shared) =>
    [
        Figure.Fact($"{name}.shares.code", $"{place} shares code", shared.Code),
        Figure.Fact($"{name}.shares.data", $"{place} shares data", shared.Data),
        Figure.Fact($"{name}.shares.heap", $"{place} shares the heap", shared.Heap),
        Figure.Fact($"{name}.shares.stack", $"{place} shares the stack", shared.Stack),
        Figure.Fact($"{name}.shares.addresses", $"{place} shares addresses", shared.Addresses),
        Figure.Fact($"{name}.shares.files", $"{place} shares open files", shared.Files),
        Figure.Fact($"{name}.shares.cpu", $"{place} shares the processor clock", shared.CpuTime),
        Figure.Fact($"{name}.reachesStack", $"{place} can write into the host's stack", shared.StackReachable),
    ];
}
