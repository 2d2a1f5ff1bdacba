using System.Reflection;
using Kernmantle.Functions;
using Kernmantle.Functions.Capturing;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling.Watching;

/// <summary>What the calls of one pool came to, by function, as far as somebody looked (<see cref="Watch.SeesCalls"/>). Guarded by the pool's lock.</summary>
internal sealed class CallFigures(TimeProvider clock)
{
    /// <summary>So many functions have figures of their own; those that come later share one.</summary>
    public const int MaxFunctions = 200;

    /// <summary>Of calls that are expected to take no longer, in microseconds, only every so-manieth is timed: reading the clock twice would cost them a tenth of their time.</summary>
    private const double Short = 20;
    private const int Sampled = 8;

    private readonly Dictionary<long, FunctionFigures> functions = [];
    private int shortOnes;
    private FunctionFigures? others;

    /// <summary>Most calls are of the function that the one before was of.</summary>
    private FunctionFigures? latest;

    public IEnumerable<FunctionFigures> All => others is null ? functions.Values : functions.Values.Append(others);

    /// <summary>A worker gets a quick call: when that is, as a timestamp; 0 for one that is not timed.</summary>
    public long Begin(QuickCall call) => call.Function!.Duration.Estimate < Short && call.Count == 1 && ++shortOnes % Sampled != 0 ? 0 : clock.GetTimestamp();

    /// <summary>A call has ended, or a frame of many.</summary>
    public void End(Call call, CallTally tally)
    {
        FunctionFigures figures = FiguresOf(call);
        figures.Completed += tally.Completed;
        figures.Failed += tally.Failed;
        figures.Cancelled += tally.Cancelled;
        long since = call is QuickCall { First: > 0 } quick ? quick.WatchedSince : call.BegunAt;
        int count = tally.Completed + tally.Failed + tally.Cancelled;
        if (since != 0 && count > 0)
            figures.Latencies.Add(clock.GetElapsedTime(since) / count, count);
    }

    private FunctionFigures FiguresOf(Call call)
    {
        long key = call.Function?.Id ?? -(long)DelegateFields.CodeAddress(call.Delegate);
        if (latest?.Key == key)
            return latest;
        return latest = functions.TryGetValue(key, out FunctionFigures? known) ? known : New(call, key);
    }

    private FunctionFigures New(Call call, long key)
    {
        MethodInfo? method = call.Function is null ? call.Delegate.Method : null;
        // The address of a method that can be unloaded may become another one's.
        if (functions.Count >= MaxFunctions || key == 0 || method is { IsCollectible: true })
            return others ??= new(0, "(others)");
        return functions[key] = new(key, (object?)call.Function ?? method!);
    }
}

/// <summary>The figures of one function. Guarded by the pool's lock.</summary>
/// <param name="key">Which function it is.</param>
/// <param name="named">Its name, or what has it.</param>
internal sealed class FunctionFigures(long key, object named)
{
    public long Key => key;

    public long Completed { get; set; }

    public long Failed { get; set; }

    public long Cancelled { get; set; }

    /// <summary>Of those that were timed.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>What all took together, as those say that were timed.</summary>
    public double TotalSeconds => Latencies.Count == 0 ? 0 : Latencies.Sum * Math.Max(1, (double)(Completed + Failed) / Latencies.Count);

    /// <summary>For people. Looked up when it is first asked for, after which nothing keeps the function.</summary>
    public string Name
    {
        get
        {
            named = named switch
            {
                Function function => function.DisplayName,
                MethodInfo method => GeneratedNames.Of(method),
                _ => named,
            };
            return (string)named;
        }
    }
}
