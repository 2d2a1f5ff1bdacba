namespace Kernmantle.SharedState;

/// <summary>To be the owner.</summary>
/// <param name="me">The calling thread's name.</param>
internal readonly struct OwnerLook(long me) : ILook
{
    public static bool IsTakenInTurns => true;

    public bool TryTake(StateMemory memory) => Volatile.Read(ref memory.Words.Owner) == 0 && SharedStores.CompareExchange(ref memory.Words.Owner, me, 0) == 0;
}
