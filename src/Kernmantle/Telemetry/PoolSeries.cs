using System.Collections.Concurrent;

namespace Kernmantle.Telemetry;

/// <summary>What is counted of the pools of one name and place, those that are gone included, and the labels of it all. The numbers of series are bounded. Thread-safe.</summary>
internal sealed class PoolSeries(string pool, string place, Instruments instruments)
{
    /// <summary>Functions beyond so many share a series: a call may be named by what it works on.</summary>
    public const int MostFunctions = 200;

    /// <summary>So do types of errors, which workers name, beyond so many.</summary>
    public const int MostErrors = 50;

    /// <summary>So do workers beyond so many.</summary>
    public const int MostWorkers = 64;

    private readonly Dictionary<(string Function, string Outcome, string? Error), KeyValuePair<string, object?>[]> calls = [];
    private readonly HashSet<string> functions = [], errors = [];
    private readonly HashSet<string> workers = [];
    private readonly List<WeakReference<IPoolGauges>> live = [];
    private readonly Lock gate = new();
    private PoolGauges gone;
    private long retries;

    public Instruments Instruments => instruments;

    public string Pool => pool;

    public string Place => place;

    /// <summary>Of what concerns them as a whole.</summary>
    public KeyValuePair<string, object?>[] Tags { get; } = [new("kernmantle.pool", pool), new("kernmantle.place", place)];

    public Tally Deaths { get; } = new();

    public Tally Kills { get; } = new();

    public Tally Restarts { get; } = new();

    public long Retries => Interlocked.Read(ref retries);

    public void CountRetry() => Interlocked.Increment(ref retries);

    public KeyValuePair<string, object?>[] With(string key, string value) => [.. Tags, new(key, value)];

    /// <summary>The labels of a call.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="outcome">How it came out, in a word.</param>
    /// <param name="error">The type of its failure; null for none.</param>
    public KeyValuePair<string, object?>[] Of(string function, string outcome, string? error)
    {
        lock (gate)
        {
            function = Bounded(functions, function, MostFunctions);
            error = error is null ? null : Bounded(errors, error, MostErrors);
            if (!calls.TryGetValue((function, outcome, error), out KeyValuePair<string, object?>[]? tags))
            {
                tags = [new("rpc.system.name", CallLabels.System), new("rpc.method", function), .. Tags, new("kernmantle.outcome", outcome)];
                calls.Add((function, outcome, error), tags = error is null ? tags : [.. tags, new("error.type", error)]);
            }
            return tags;
        }
    }

    // --- Pools that there are ---

    public void Add(IPoolGauges one)
    {
        lock (gate)
        {
            live.RemoveAll(static l => !l.TryGetTarget(out _));
            live.Add(new(one));
        }
    }

    /// <summary>The pool is over: what it counted stays.</summary>
    public void Remove(IPoolGauges one)
    {
        lock (gate)
        {
            if (live.RemoveAll(l => !l.TryGetTarget(out IPoolGauges? each) || each == one) == 0)
                return;
            PoolGauges last = one.Read();
            gone = gone with { Completed = gone.Completed + last.Completed, Failed = gone.Failed + last.Failed, Cancelled = gone.Cancelled + last.Cancelled };
        }
    }

    /// <summary>Of each pool that there is.</summary>
    public PoolGauges[] Read()
    {
        lock (gate)
            return [.. Live.Select(static l => l.Read())];
    }

    /// <summary>How many calls ended in which way.</summary>
    public IEnumerable<KeyValuePair<string, long>> Calls()
    {
        PoolGauges[] all;
        lock (gate)
            all = [gone, .. Live.Select(static l => l.Read())];   // under one lock: a pool that ends meanwhile counts once
        return [new(CallLabels.Completed, all.Sum(static g => g.Completed)), new(CallLabels.Failed, all.Sum(static g => g.Failed)), new(CallLabels.Cancelled, all.Sum(static g => g.Cancelled))];
    }

    /// <summary>What their workers use, by names that are bounded.</summary>
    public WorkerGauges[] Workers()
    {
        lock (gate)
            return [.. Live.SelectMany(static l => l.ReadWorkers()).Select(w => w with { Name = pool == Instruments.Other ? pool : Bounded(workers, w.Name, MostWorkers) })];
    }

    /// <summary>Before somebody reads what was recorded: what has not been yet, is now.</summary>
    public void Record()
    {
        IPoolGauges[] all;
        lock (gate)
            all = [.. Live];
        foreach (IPoolGauges one in all)
            one.Record();
    }

    /// <summary>A pool that was forgotten, and not disposed of, is not kept by what is known of it.</summary>
    private IEnumerable<IPoolGauges> Live
    {
        get
        {
            foreach (WeakReference<IPoolGauges> each in live)
            {
                if (each.TryGetTarget(out IPoolGauges? one))
                    yield return one;
            }
        }
    }

    private static string Bounded(HashSet<string> known, string name, int most) =>
        known.Contains(name) || (known.Count < most && known.Add(name)) ? name : Instruments.Other;
}

/// <summary>A count for each of a few words. Thread-safe.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, long>> Counts => counts;

    public void Count(string what) => counts.AddOrUpdate(counts.Count < PoolSeries.MostErrors || counts.ContainsKey(what) ? what : Instruments.Other, 1, static (_, count) => count + 1);
}
