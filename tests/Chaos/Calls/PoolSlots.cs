using Kernmantle.Chaos.Plans;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Chaos.Calls;

/// <summary>The pools of a round. Each place has one pool after the other: when one is disposed of, the next one is there at once.</summary>
internal sealed class PoolSlots
{
    private readonly PoolRun[] current;
    private readonly int[] generations;
    private readonly List<PoolRun> all = [];
    private readonly Lock gate = new();
    private readonly Func<int, int, PoolRun> make;

    public PoolSlots(int count, long seed, int round, string folder, ILoggerFactory log)
    {
        make = (slot, generation) => new(PoolPlan.Draw(Seeds.Of(seed, round, "pool", slot * 1000 + generation), $"r{round}p{slot}g{generation}", folder, log), log);
        generations = new int[count];
        current = [.. Enumerable.Range(0, count).Select(slot => make(slot, 0))];
        all.AddRange(current);
    }

    public int Count => current.Length;

    public PoolRun this[int slot] => Volatile.Read(ref current[slot]);

    public PoolRun[] All
    {
        get
        {
            lock (gate)
                return [.. all];
        }
    }

    /// <summary>Ends the pool of that place, while it is called, and puts a new one there.</summary>
    public Task ReplaceAsync(int slot, bool drain)
    {
        PoolRun old = this[slot];
        PoolRun next = make(slot, ++generations[slot]);
        lock (gate)
            all.Add(next);
        Task ended = old.EndAsync(drain);
        Volatile.Write(ref current[slot], next);
        return ended;
    }
}
