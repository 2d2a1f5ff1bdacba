using AssemblySurvey.Hostile;
using AssemblySurvey.Reading;
using Kernmantle;

namespace AssemblySurvey;

/// <summary>What became of one file: exactly one of the two is set.</summary>
internal sealed record Outcome(SurveyItem Item, AssemblyFacts? Facts, Failure? Failure)
{
    public static Outcome Of(MapResult<SurveyItem, AssemblyFacts> result) =>
        new(result.Input, result.IsSuccess ? result.Value : null, result.Failure is { } failure ? Failure.Of(failure, result.Input) : null);
}

/// <summary>The outcome of a generated file.</summary>
internal sealed record HostileOutcome(HostileItem Item, Outcome Outcome);

/// <summary>The sums of one framework.</summary>
internal sealed record GroupTotals(string Name, int Assemblies, int Types, int Methods, long IlBytes, MethodSize[] Largest)
{
    public static GroupTotals Of(string name, IEnumerable<AssemblyFacts> assemblies)
    {
        AssemblyFacts[] managed = [.. assemblies.Where(static facts => facts.IsManaged)];
        return new(
            name,
            managed.Length,
            managed.Sum(static facts => facts.Types),
            managed.Sum(static facts => facts.Methods),
            managed.Sum(static facts => facts.IlBytes),
            LargestMethods.Merge(managed.SelectMany(static facts => facts.Largest)));
    }
}

/// <summary>The whole survey. The hostile outcomes are beside the others and never counted with them.</summary>
internal sealed record SurveyResult(IReadOnlyList<Outcome> Honest, IReadOnlyList<HostileOutcome> Hostile, int UnreadableFolders)
{
    public IReadOnlyList<GroupTotals> Groups { get; } =
        [.. Honest
            .GroupBy(static outcome => outcome.Item.Group, static outcome => outcome.Facts)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => GroupTotals.Of(group.Key, group.OfType<AssemblyFacts>()))];

    public GroupTotals Total { get; } = GroupTotals.Of("Total", Honest.Select(static outcome => outcome.Facts).OfType<AssemblyFacts>());

    public int NativeFiles => Honest.Count(static outcome => outcome.Facts is { IsManaged: false });

    public IEnumerable<Outcome> Unread => Honest.Where(static outcome => outcome.Failure is not null);

    public bool IsComplete => UnreadableFolders == 0 && !Unread.Any();
}
