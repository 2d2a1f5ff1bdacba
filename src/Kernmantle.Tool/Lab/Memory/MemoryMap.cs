using System.Globalization;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Memory;

/// <summary>The picture of process and thread memory: one box for those who share a part, boxes of their own for those who do not.</summary>
internal static class MemoryMap
{
    private static readonly string[] Lanes = ["main thread", "thread 1", "thread 2", "process 1", "process 2"];
    private static readonly string[] Parts = ["code", "data", "heap", "stack"];

    public static Plot Draw(Visits threads, Visits processes)
    {
        List<Span> spans = [];
        for (int part = 0; part < Parts.Length; part++)
        {
            if (IsShared(threads.Shared, part))
                spans.Add(Box(0, 3, part, threads.Host, "this process, shared"));
            else
                spans.AddRange([Box(0, 1, part, threads.Host, "a thread's own"), Box(1, 1, part, Of(threads.First), "a thread's own"), Box(2, 1, part, Of(threads.Second), "a thread's own")]);
            if (IsShared(processes.Shared, part))
                spans.Add(Box(3, 2, part, processes.Host, "this process, shared"));
            else
                spans.AddRange([Box(3, 1, part, Of(processes.First), "process 1's own"), Box(4, 1, part, Of(processes.Second), "process 2's own")]);
        }
        return Plot.Lanes("memory-map", "Whose memory is it? With the addresses that were measured", new("", Unit.Count), Lanes, spans) with { Columns = Parts };
    }

    public static TextTable Table(Visits threads, Visits processes) => new(
        "",
        ["Part", "A thread shares it", "A process shares it", ">Host", ">Thread 1", ">Thread 2", ">Process 1", ">Process 2"],
        [.. Parts.Select((name, part) => new[]
        {
            name,
            IsShared(threads.Shared, part) ? "yes" : "no",
            IsShared(processes.Shared, part) ? "yes" : "no",
            Hex(threads.Host, part),
            Hex(Of(threads.First), part),
            Hex(Of(threads.Second), part),
            Hex(Of(processes.First), part),
            Hex(Of(processes.Second), part),
        })]);

    private static bool IsShared(Shared shared, int part) => part switch
    {
        0 => shared.Code,
        1 => shared.Data,
        2 => shared.Heap,
        _ => shared.Stack,
    };

    private static Addresses Of(Visit visit) => new(visit.CodeAddress, visit.StaticAddress, visit.HeapAddress, visit.StackAddress);

    private static Span Box(int lane, int lanes, int part, Addresses addresses, string kind) => new(lane, lanes, part, part + 1, kind, Hex(addresses, part));

    private static string Hex(Addresses addresses, int part) => (part switch
    {
        0 => addresses.Code,
        1 => addresses.Static,
        2 => addresses.Heap,
        _ => addresses.Stack,
    }).ToString("x", CultureInfo.InvariantCulture);
}
