namespace Kernmantle.Scheduling;

/// <summary>
/// One transition: what happens between taking the scheduler's lock and giving it back. Disposing of it takes what is to be done outside of the lock, gives the
/// lock back, and does it.
/// </summary>
/// <remarks>Not to be nested: what a transition calls takes part in it.</remarks>
internal ref struct Transition(Scheduler scheduler) : IDisposable
{
    private Lock.Scope scope = scheduler.Gate.EnterScope();

    public void Dispose()
    {
        List<Effect>? effects;
        try
        {
            scheduler.AssertInvariants();
            effects = scheduler.Effects.Take();
        }
        finally
        {
            scope.Dispose();
        }
        scheduler.Effects.Carry(effects);
    }
}
