using System.Diagnostics;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Compare.Places;

namespace Kernmantle.Tool.Compare;

/// <summary>A place that rounds of calls can be run in.</summary>
internal interface IPlace : IAsyncDisposable
{
    Place Place { get; }

    string Name { get; }

    /// <summary>Gets it ready. Not measured.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <exception cref="PlaceLostException">The place is gone, or was ended because it took too long.</exception>
    Task<RoundAnswer> RoundAsync(CancellationToken cancellationToken);
}

/// <summary>A place did not come through a round.</summary>
internal sealed class PlaceLostException(PlaceEnd end, string message) : Exception(message)
{
    public PlaceEnd End => end;

    /// <summary>The process of the calls is gone: it crashed, or the system ended it for its memory or its processor time.</summary>
    public static bool IsLoss(Exception failure) => failure is WorkerCrashedException or MemoryLimitException or CpuLimitException;
}

/// <summary>Runs all places in turns, every other round in reverse order: what disturbs the machine for a while disturbs all of them.</summary>
internal sealed class Rounds(IReadOnlyList<IPlace> places, int? rounds, Action<string, double> report)
{
    public const int UsualRounds = 7, LeastRounds = 3;

    /// <summary>After this no further round is begun, unless the user said how many.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(60);

    /// <summary>Rounds before the first that counts: at least one, and more while they are short, since the runtime compiles what is called often once more.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.3);

    private const int MostWarmUps = 10;

    private readonly Dictionary<IPlace, List<RoundAnswer>> answers = places.ToDictionary(static place => place, static _ => new List<RoundAnswer>());
    private readonly Dictionary<IPlace, PlaceLostException> lost = [];

    public async Task<IReadOnlyList<PlaceMeasured>> RunAsync(Func<int, string> nameOfCall, CancellationToken cancellationToken)
    {
        int wanted = rounds ?? UsualRounds;
        double steps = places.Count * (wanted + 1), step = 0;
        foreach (IPlace place in places)
        {
            report($"{place.Name}, warm-up", step++ / steps);
            await GuardAsync(place, () => WarmUpAsync(place, cancellationToken), cancellationToken);
        }
        long begin = Stopwatch.GetTimestamp();
        for (int round = 0; round < wanted && lost.Count < places.Count; round++)
        {
            if (rounds is null && round >= LeastRounds && Stopwatch.GetElapsedTime(begin) > Budget)
                break;
            foreach (IPlace place in round % 2 == 0 ? places : places.Reverse())
            {
                report($"{place.Name}, round {round + 1}", step++ / steps);
                await GuardAsync(place, async () => answers[place].Add(await place.RoundAsync(cancellationToken)), cancellationToken);
            }
        }
        return Measured(nameOfCall);
    }

    private static async Task WarmUpAsync(IPlace place, CancellationToken cancellationToken)
    {
        await place.StartAsync(cancellationToken);
        long begin = Stopwatch.GetTimestamp();
        int done = 0;
        do
            await place.RoundAsync(cancellationToken);
        while (++done < MostWarmUps && Stopwatch.GetElapsedTime(begin) < WarmUp);
    }

    private async Task GuardAsync(IPlace place, Func<Task> work, CancellationToken cancellationToken)
    {
        if (lost.ContainsKey(place))
            return;
        try
        {
            await work();
        }
        catch (PlaceLostException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lost.Add(place, e);
        }
    }

    private IReadOnlyList<PlaceMeasured> Measured(Func<int, string> nameOfCall)
    {
        Dictionary<IPlace, Results> results = places.ToDictionary(
            static place => place,
            place => lost.ContainsKey(place) || answers[place].Any(static answer => answer.Marks.Length == 0)
                ? Results.None
                : new Results([.. answers[place].Select(static answer => answer.Marks)], answers[place][^1].Texts));
        Results reference = places.Select(place => results[place]).FirstOrDefault(static result => result.Rounds.Count > 0) ?? Results.None;
        return
        [
            .. places.Select(place =>
            {
                bool isLost = lost.TryGetValue(place, out PlaceLostException? why);
                (Agreement agreement, string? difference) = Agreements.Of(results[place], reference, nameOfCall);
                return new PlaceMeasured(
                    place.Place,
                    place.Name,
                    why?.End ?? PlaceEnd.Ran,
                    why?.Message,
                    isLost ? [] : [.. answers[place].Select(static answer => answer.Figures)],
                    answers[place].Select(static answer => answer.Failures).DefaultIfEmpty().Max(),
                    answers[place].Select(static answer => answer.FirstFailure).FirstOrDefault(static failure => failure is not null),
                    agreement,
                    difference);
            }),
        ];
    }
}
