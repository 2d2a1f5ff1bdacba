using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks.Running;

/// <summary>How thorough a run is, and so how long it takes.</summary>
/// <param name="Rounds">For what a goal or the README needs.</param>
/// <param name="SideRounds">For what only shows what else there is.</param>
/// <param name="WarmMs">For what is compiled while it runs.</param>
internal sealed record Plan(Mode Mode, int Rounds, int SideRounds, int WarmMs, int TimeMs, TimeSpan Limit)
{
    public static Plan Of(Mode mode) => mode switch
    {
        Mode.Quick => new(mode, 5, 1, 300, 150, TimeSpan.FromSeconds(30)),
        Mode.Full => new(mode, 7, 3, 500, 600, TimeSpan.FromSeconds(90)),
        _ => new(mode, 9, 9, 1000, 2000, TimeSpan.FromMinutes(5)),
    };

    public int RoundsOf(Group group, Measure measure) =>
        measure.Nightly && Mode != Mode.Nightly ? 0 : Math.Min(measure.MaxRounds, Topics.IsNeeded(group, measure) ? Rounds : SideRounds);

    /// <summary>C is compiled beforehand, and CPython compiles nothing: a short warm-up fills the caches.</summary>
    public int WarmMsOf(Side side) => side switch
    {
        Side.C => WarmMs / 6,
        Side.Python => WarmMs / 3,
        _ => WarmMs,
    };

    public int Starts(IReadOnlyList<Group> groups) => groups.Sum(group => group.Measures.Sum(measure => RoundsOf(group, measure)));
}
