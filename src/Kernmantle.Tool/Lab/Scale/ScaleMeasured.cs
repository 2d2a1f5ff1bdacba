using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Scale;

/// <summary>A pool of one size.</summary>
/// <param name="StartSeconds">Until all of them took calls.</param>
/// <param name="BytesPerWorker">Resident memory.</param>
/// <param name="CallSeconds">One call while the other workers are idle.</param>
internal sealed record PoolSize(int Workers, double StartSeconds, double BytesPerWorker, Spread CallSeconds);

/// <summary>The measurements of <c>scale</c>.</summary>
/// <param name="Answered">How many processes answered in the largest pool of processes.</param>
internal sealed record ScaleMeasured(IReadOnlyList<PoolSize> Threads, IReadOnlyList<PoolSize> Processes, int Answered, bool RightResult)
{
    public IReadOnlyList<Figure> Figures() =>
    [
        .. Threads.SelectMany(static size => Of("threads", size)),
        .. Processes.SelectMany(static size => Of("processes", size)),
        Figure.Count("processes.answered", "processes that answered in the largest pool", Answered),
    ];

    public IReadOnlyList<Plot> Plots() =>
    [
        Plot.Lines(
            "scale-memory",
            "Memory of all workers",
            new("workers", Unit.Count, Log: true),
            new("resident memory", Unit.Bytes, Log: true),
            Line("threads", Threads, static size => Spread.Exactly(size.BytesPerWorker * size.Workers)),
            Line("processes", Processes, static size => Spread.Exactly(size.BytesPerWorker * size.Workers))),
        Plot.Lines(
            "scale-call",
            "One call in a pool of idle workers",
            new("workers", Unit.Count, Log: true),
            new("time of a call", Unit.Seconds, Log: true),
            Line("threads", Threads, static size => size.CallSeconds),
            Line("processes", Processes, static size => size.CallSeconds)),
    ];

    public TextTable Table() => new(
        "",
        ["Workers", ">Number", ">Start of all", ">Memory of each", ">One call", ">Middle half"],
        [.. Threads.Select(static size => Row("threads", size)), .. Processes.Select(static size => Row("processes", size))],
        Keys: 2);

    private static string[] Row(string kind, PoolSize size) =>
    [
        kind,
        Units.Format(size.Workers, Unit.Count),
        Units.Format(size.StartSeconds, Unit.Seconds),
        Units.Format(size.BytesPerWorker, Unit.Bytes),
        Units.Format(size.CallSeconds.Median, Unit.Seconds),
        Units.MiddleHalf(size.CallSeconds, Unit.Seconds),
    ];

    private static Series Line(string name, IReadOnlyList<PoolSize> sizes, Func<PoolSize, Spread> figure) =>
        new(name, [.. sizes.Where(size => figure(size).Median > 0).Select(size => Point.Of(size.Workers, figure(size)))]);

    private static IEnumerable<Figure> Of(string kind, PoolSize size) =>
    [
        Figure.Seconds($"{kind}.{size.Workers}.start", $"start of {size.Workers} {kind}", Spread.Exactly(size.StartSeconds)),
        Figure.Bytes($"{kind}.{size.Workers}.bytes", $"memory of one of {size.Workers} {kind}", Spread.Exactly(size.BytesPerWorker)),
        Figure.Seconds($"{kind}.{size.Workers}.call", $"one call in a pool of {size.Workers} {kind}", size.CallSeconds),
    ];
}
