using Kernmantle.Scheduling;
using Kernmantle.SharedState;

namespace Kernmantle.Host.Lane;

/// <summary>The threads of this process that block until a worker has answered, as part of a circle of those that wait for each other.</summary>
internal static class CallWaits
{
    /// <summary>To be called when a worker is handed what can be waited for.</summary>
    public static void BeSeen() => DeadlockWatch.Callers ??= Find;

    private static IEnumerable<CallWait> Find() =>
        from wait in BlockedCaller.All()
        select new CallWait(Party.NameOf(Party.Maker, wait.Thread), Party.NameOf(wait.For.Worker, wait.For.Thread), wait.Id, wait.Name);
}
