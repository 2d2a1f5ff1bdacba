using Kernmantle.Host.Death;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Lane.Link;

/// <summary>What is taken from the worker before it is killed for a timeout.</summary>
internal sealed class LinkEvidence(LinkContext link)
{
    private volatile Task looking = Task.CompletedTask;

    /// <summary>Completes when nobody looks at the process any more: one that is killed while another process looks at it stays as a zombie.</summary>
    public Task Looking => looking;

    /// <summary>As <see cref="Scheduling.PoolWorker.GivesEvidence"/>.</summary>
    public bool IsThere => link.Settings.Evidence is { } wanted && (wanted.Stacks || wanted.DumpFolder is not null) && link.Dialect is null && EvidenceSource.Installed is not null;

    /// <summary>As <see cref="Scheduling.PoolWorker.TakeEvidenceAsync"/>.</summary>
    public async Task<WorkerEvidence> TakeAsync()
    {
        if (link.Process is not { Ended.IsCompleted: false } running || EvidenceSource.Installed is not { } source || link.IsKilled)
            return new(null, null);
        Task<WorkerEvidence> taking = source.CaptureAsync(running.Id, link.Settings.Evidence!);
        looking = taking;
        return await taking.ConfigureAwait(false);
    }

    public void KillWhenUnwatched()
    {
        if (looking.IsCompleted)
            link.Process?.Kill();
        else
            _ = looking.ContinueWith(_ => link.Process?.Kill(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
