using Kernmantle.Host.Death;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Lane;

/// <summary>What is taken from the worker before it is killed for a timeout.</summary>
internal sealed partial class ProcessLink
{
    /// <summary>Completes when nobody looks at the process any more: one that is killed while another process looks at it stays as a zombie.</summary>
    private volatile Task looking = Task.CompletedTask;

    public override bool GivesEvidence => settings.Evidence is { } wanted && (wanted.Stacks || wanted.DumpFolder is not null) && dialect is null && EvidenceSource.Installed is not null;

    public override void PrepareEvidence() => EvidenceSource.Installed?.Prepare();

    public override async Task<WorkerEvidence> TakeEvidenceAsync()
    {
        if (process is not { Ended.IsCompleted: false } running || EvidenceSource.Installed is not { } source || killed)
            return new(null, null);
        Task<WorkerEvidence> taking = source.CaptureAsync(running.Id, settings.Evidence!);
        looking = taking;
        return await taking.ConfigureAwait(false);
    }

    private void KillWhenUnwatched()
    {
        if (looking.IsCompleted)
            process?.Kill();
        else
            _ = looking.ContinueWith(_ => process?.Kill(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
