using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Cache;

/// <summary>The measurements of <c>cache</c>: seconds per cache line.</summary>
/// <param name="Alone">One walker.</param>
/// <param name="Threads">Two threads in turns over one working set.</param>
/// <param name="Processes">Two processes in turns, each over its own.</param>
internal sealed record CacheMeasured(double CacheBytes, double SetBytes, Spread Alone, Spread Threads, Spread Processes, Spread ThreadsOverAlone, Spread ProcessesOverThreads)
{
    public IReadOnlyList<Figure> Figures() =>
    [
        Figure.Bytes("cache", "the core's own cache", Spread.Exactly(CacheBytes)),
        Figure.Bytes("set", "working set", Spread.Exactly(SetBytes)),
        Figure.Seconds("alone", "a line, one walker alone", Alone),
        Figure.Seconds("threads", "a line, two threads in turns over one set", Threads),
        Figure.Seconds("processes", "a line, two processes in turns, each its own set", Processes),
        Figure.Ratio("threadsOverAlone", "what switching does: threads against alone", ThreadsOverAlone),
        Figure.Ratio("processesOverThreads", "what splitting does: processes against threads", ProcessesOverThreads),
    ];

    public Plot Plot() => Model.Plot.Bars(
        "cache-line",
        "Reading one cache line of a working set",
        new("time per line", Unit.Seconds),
        ["alone", "two threads, one set", "two processes, two sets"],
        new Series("line", [Point.Of(0, Alone), Point.Of(1, Threads), Point.Of(2, Processes)]));
}
