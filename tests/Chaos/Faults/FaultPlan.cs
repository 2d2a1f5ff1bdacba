using Kernmantle.Chaos.Plans;

namespace Kernmantle.Chaos.Faults;

/// <summary>One fault, and the pause before it. All is drawn before any of it is done.</summary>
/// <param name="Target">Which worker, or pool: modulo those that are there.</param>
/// <param name="Lasts">For what lasts.</param>
internal sealed record FaultPlan(TimeSpan Pause, FaultKind Kind, int Target, TimeSpan Lasts, int Size, bool Drain)
{
    private static readonly (FaultKind Kind, int Weight)[] Mix =
    [
        (FaultKind.Kill, 45),
        (FaultKind.KillAll, 4),
        (FaultKind.Stop, 14),
        (FaultKind.StopThenKill, 8),
        (FaultKind.Nice, 5),
        (FaultKind.Starve, 4),
        (FaultKind.FillSharedMemory, 3),
        (FaultKind.Dispose, 5),
        (FaultKind.StopAllAndDispose, 2),
    ];

    private static readonly int Total = Mix.Sum(static m => m.Weight);

    public static FaultPlan Draw(Random random)
    {
        int at = random.Next(Total), index = 0;
        while ((at -= Mix[index].Weight) >= 0)
            index++;
        return new(random.Milliseconds(5, 250), Mix[index].Kind, random.Next(), random.Milliseconds(10, 600), random.Next(1, 5), random.Chance(0.7));
    }
}
