using AssemblySurvey.Discovery;
using AssemblySurvey.Hostile;
using AssemblySurvey.Reading;
using AssemblySurvey.Report;
using Kernmantle;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AssemblySurvey;

/// <summary>The job: one pool reads the honest files and the hostile ones side by side.</summary>
internal static class SurveyRun
{
    /// <summary>Far more than reading needs (the installed frameworks can be read with 4 MiB), and reached within a second by what grows without end.</summary>
    private const long HeapLimitBytes = 256 << 20;

    /// <summary>A file takes milliseconds; this is for a machine that is very busy.</summary>
    private static readonly TimeSpan ForReading = TimeSpan.FromSeconds(60);

    /// <summary>What only waits is given up soon; what computes has as long as its processor time takes on a busy machine.</summary>
    private static readonly TimeSpan ForWaiting = TimeSpan.FromSeconds(5);

    /// <summary>The runtime of an overflowed stack may take seconds to write down that stack, in many MiB; only what never ends should reach any of these.</summary>
    private static readonly TimeSpan ForComputing = TimeSpan.FromSeconds(120);

    public static async Task<SurveyResult> RunAsync(SurveyOptions options, FoundFiles found, CancellationToken cancellationToken)
    {
        await using WorkerPool pool = CreatePool(options);
        bool countsProcesses = pool.EnforcedLimits.Processes.Means != LimitMeans.None;
        using HostileFolder? folder = options.Hostile ? HostileFolder.Create(found.Items, countsProcesses) : null;
        IReadOnlyList<HostileItem> hostile = folder?.Items ?? [];
        CallInvoker patient = pool.With(new() { Timeout = ForReading }), impatient = pool.With(new() { Timeout = ForComputing, Limits = Tight(countsProcesses) });
        return await ProgressDisplay.RunAsync(found.Items.Count + hostile.Count, async tick =>
        {
            List<Outcome>[] outcomes = await Task.WhenAll(
                ReadAsync(patient, found.Items, tick, cancellationToken),
                ReadAsync(impatient, hostile.Where(static item => !item.Waits).Select(static item => item.Item), tick, cancellationToken),
                ReadAsync(impatient.With(new() { Timeout = ForWaiting }), hostile.Where(static item => item.Waits).Select(static item => item.Item), tick, cancellationToken));
            var ofHostile = outcomes[1].Concat(outcomes[2]).ToDictionary(static outcome => outcome.Item);
            return new SurveyResult(
                outcomes[0],
                [.. hostile.Select(item => new HostileOutcome(item, ofHostile[item.Item]))],
                found.UnreadableFolders);
        });
    }

    private static Limits Tight(bool countsProcesses) =>
        new() { CpuTime = TimeSpan.FromSeconds(8), OpenFiles = 512, OutputBytes = 64 << 20, Processes = countsProcesses ? 128 : null };

    private static WorkerPool CreatePool(SurveyOptions options)
    {
        // What crashing workers write is part of their failures; without --verbose it would only tear the table.
        ILoggerFactory? loggers = options.Verbose ? null : NullLoggerFactory.Instance;
        return options.InProcesses
            ? WorkerPool.Processes(options.Workers, new() { Name = "survey", LoggerFactory = loggers, ManagedHeapLimitBytes = HeapLimitBytes })
            : WorkerPool.Threads(options.Workers, new() { Name = "survey", LoggerFactory = loggers });
    }

    private static async Task<List<Outcome>> ReadAsync(
        CallInvoker calls, IEnumerable<SurveyItem> items, Action tick, CancellationToken cancellationToken)
    {
        List<(long Index, Outcome Outcome)> outcomes = [];
        await foreach (MapResult<SurveyItem, AssemblyFacts> result in
            calls.MapUnorderedAsync(static item => AssemblyReader.Read(item), items, cancellationToken))
        {
            outcomes.Add((result.Index, Outcome.Of(result)));
            tick();
        }
        // In the order of the input, whoever finished first: reports must not differ between runs.
        outcomes.Sort(static (a, b) => a.Index.CompareTo(b.Index));
        return [.. outcomes.Select(static entry => entry.Outcome)];
    }
}
