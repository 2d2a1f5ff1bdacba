using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Failure;

/// <summary>What became of one misdeed.</summary>
/// <param name="HostLived">The process that had the pool went on.</param>
/// <param name="NeighbourFinished">A call that ran beside it gave its result.</param>
/// <param name="Stopped">The misdeed does not run any more.</param>
/// <param name="SecondsToCapacity">From the failure until the place took calls again; null if never.</param>
/// <param name="Said">The failure that the caller got.</param>
internal sealed record Aftermath(bool HostLived, bool NeighbourFinished, bool Stopped, double? SecondsToCapacity, string Said);

/// <summary>The measurements of <c>failure</c>, for each misdeed.</summary>
internal sealed record FailureMeasured(IReadOnlyDictionary<Misdeed, Aftermath> InThread, IReadOnlyDictionary<Misdeed, Aftermath> InProcess)
{
    public IReadOnlyList<Figure> Figures() => [.. InThread.SelectMany(static pair => Of("thread", pair)), .. InProcess.SelectMany(static pair => Of("process", pair))];

    public TextTable Table() => new(
        "",
        ["Misdeed", "In a", "Pool's process lived", "Neighbour finished", "Stopped", ">Capacity back after", "The caller was told"],
        [.. InThread.SelectMany(pair => new[] { Row("thread", pair.Key, pair.Value), Row("process", pair.Key, InProcess[pair.Key]) })],
        Keys: 2);

    private static string[] Row(string place, Misdeed misdeed, Aftermath after) =>
    [
        misdeed.Text(),
        place,
        Yes(after.HostLived),
        Yes(after.NeighbourFinished),
        Yes(after.Stopped),
        after.SecondsToCapacity is { } seconds ? Units.Format(seconds, Unit.Seconds) : "never",
        after.Said,
    ];

    private static IEnumerable<Figure> Of(string place, KeyValuePair<Misdeed, Aftermath> pair)
    {
        (Misdeed misdeed, Aftermath after) = pair;
        yield return Figure.Fact($"{place}.{misdeed}.hostLived", $"{misdeed.Text()} in a {place}: the pool's process lived", after.HostLived);
        yield return Figure.Fact($"{place}.{misdeed}.neighbourFinished", $"{misdeed.Text()} in a {place}: the neighbour finished", after.NeighbourFinished);
        yield return Figure.Fact($"{place}.{misdeed}.stopped", $"{misdeed.Text()} in a {place}: it was stopped", after.Stopped);
        if (after.SecondsToCapacity is { } seconds)
            yield return Figure.Seconds($"{place}.{misdeed}.capacity", $"{misdeed.Text()} in a {place}: capacity back after", Spread.Exactly(seconds));
    }

    private static string Yes(bool value) => value ? "yes" : "no";
}
