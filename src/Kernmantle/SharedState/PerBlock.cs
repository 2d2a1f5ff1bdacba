using System.Runtime.CompilerServices;
using Kernmantle.SharedBuffers;

namespace Kernmantle.SharedState;

/// <summary>What this process has one of over each memory, for as long as somebody holds it. Thread-safe.</summary>
/// <param name="make">Makes it; called while nobody else can look.</param>
internal sealed class PerBlock<T>(Func<StateMemory, T> make)
    where T : class
{
    private readonly ConditionalWeakTable<SharedBlock, WeakReference<T>> all = [];

    /// <summary>The one over that memory that there is, or else a new one.</summary>
    public T Of(StateMemory memory)
    {
        lock (all)
        {
            if (all.TryGetValue(memory.Block, out WeakReference<T>? known) && known.TryGetTarget(out T? one))
                return one;
            one = make(memory);
            all.AddOrUpdate(memory.Block, new(one));
            return one;
        }
    }
}
