using System.Diagnostics;
using System.Globalization;
using Kernmantle.Host.Death;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Diagnostics;

/// <summary>What the core finds by its name, and asks for evidence. Thread-safe.</summary>
internal sealed class ProcessEvidence : EvidenceSource
{
    private int prepared;

    public override void Prepare()
    {
        if (Interlocked.Exchange(ref prepared, 1) == 0)
            _ = WorkerDiagnostics.WarmUpAsync().ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);   // the first capture will say what is wrong
    }

    public override async Task<WorkerEvidence> CaptureAsync(int processId, EvidenceOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        string? stacks = null, dump = null;
        if (options.Stacks)
        {
            try
            {
                stacks = await WorkerDiagnostics.CaptureStacksAsync(processId, options.Budget).ConfigureAwait(false);
            }
            catch (Exception e) when (e is WorkerException or ObjectDisposedException or NotPortableException or PlatformNotSupportedException)
            {
                stacks = $"The stacks could not be taken: {e.Message}";
            }
        }
        TimeSpan left = options.Budget - Stopwatch.GetElapsedTime(start);
        if (options.DumpFolder is { } folder && left > TimeSpan.Zero)
        {
            string file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"worker-{processId}-{DateTime.UtcNow:yyyyMMdd-HHmmss-fff}.dmp"));
            try
            {
                await WorkerDiagnostics.WriteDumpAsync(processId, file, left).ConfigureAwait(false);
                dump = file;
            }
            catch (Exception e) when (e is WorkerException or ObjectDisposedException or PlatformNotSupportedException)
            {
                stacks = string.Join(Environment.NewLine, (string?[])[stacks, $"The dump could not be written: {e.Message}"]).Trim();
            }
        }
        return new(stacks, dump);
    }
}
