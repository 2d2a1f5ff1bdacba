using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Kernmantle.Tests.Telemetry;

/// <summary>Collects what is measured of the pools that have it as their meter factory, and of no others.</summary>
internal sealed class MeterReader : IMeterFactory
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly ConcurrentBag<Meter> meters = [];
    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<Measured> measured = new();

    /// <param name="isOn">Which instruments it listens to; null for all.</param>
    public MeterReader(Predicate<string>? isOn = null)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == this && isOn?.Invoke(instrument.Name) != false)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    /// <summary>Runs as each measurement is made.</summary>
    public Action OnMeasurement { get; set; } = static () => { };

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        meters.Add(meter);
        return meter;
    }

    /// <summary>What is measured now, and what was recorded since the last time.</summary>
    public ILookup<string, Measured> Collect()
    {
        listener.RecordObservableInstruments();
        var all = new List<Measured>();
        while (measured.TryDequeue(out Measured? one))
            all.Add(one);
        return all.ToLookup(static m => m.Instrument);
    }

    /// <summary>Collects until there is what is looked for.</summary>
    public async Task<ILookup<string, Measured>> CollectUntilAsync(Predicate<ILookup<string, Measured>> isThere)
    {
        using var giveUp = new CancellationTokenSource(Deadline);
        var all = new List<Measured>();
        while (true)
        {
            ILookup<string, Measured> now = Collect();
            all.RemoveAll(m => now.Contains(m.Instrument) && m.IsObserved);
            all.AddRange(now.SelectMany(static g => g));
            ILookup<string, Measured> known = all.ToLookup(static m => m.Instrument);
            if (isThere(known))
                return known;
            await Task.Delay(TimeSpan.FromMilliseconds(5), giveUp.Token);
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        foreach (Meter meter in meters)
            meter.Dispose();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        measured.Enqueue(new(instrument.Name, value, instrument.IsObservable, tags.ToArray().ToDictionary(static t => t.Key, static t => t.Value?.ToString())));
        OnMeasurement();
    }
}

internal sealed record Measured(string Instrument, double Value, bool IsObserved, IReadOnlyDictionary<string, string?> Tags)
{
    public string? Tag(string key) => Tags.GetValueOrDefault(key);
}
