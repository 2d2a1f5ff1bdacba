using Kernmantle.Host.Lane.Rings;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>Calls whose results were taken one after the other end together: their accounts are made, and more is handed to their worker, once for all. By one at a time.</summary>
internal sealed class QuickRun(LaneCaller caller)
{
    /// <summary>Enough that the scheduler's lock costs nothing, few enough that the first does not wait for the last.</summary>
    private const int Longest = 64;

    private bool overtook;

    /// <summary>They have their results.</summary>
    public List<QuickCall> Calls { get; } = new(Longest);

    /// <summary>There are some. By anybody.</summary>
    public bool IsUnderWay => Calls.Count > 0;

    /// <summary>The caller of one of them attends it, and another thread has taken its answer.</summary>
    public void Overtake() => overtook = true;

    /// <summary>Ends them, if there are many.</summary>
    public void EndIfLong(IQuickReceiver receiver)
    {
        if (Calls.Count >= Longest)
            End(receiver);
    }

    /// <summary>Ends them, and wakes who sleeps although its answer was taken.</summary>
    public void End(IQuickReceiver receiver)
    {
        if (Calls.Count > 0)
        {
            receiver.OnQuickEnded(Calls);
            Calls.Clear();
        }
        if (!overtook)
            return;
        overtook = false;
        caller.Wake();
    }
}
