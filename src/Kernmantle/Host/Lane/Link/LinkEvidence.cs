using Kernmantle.Host.Death;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Lane.Link;

/// <summary>What is taken from the worker before it is killed for a timeout.</summary>
internal sealed class LinkEvidence(LinkContext link)
{
    private readonly Lock gate = new();
    private volatile Task looking = Task.CompletedTask;

    /// <summary>Completes when nobody looks at the process any more: one that is killed while another process looks at it stays as a zombie.</summary>
    public Task Looking => looking;

    /// <summary>As <see cref="Scheduling.PoolWorker.GivesEvidence"/>.</summary>
    public bool IsThere => link.Settings.Evidence is { } wanted && (link.Dialect is { } dialect
        ? wanted.Stacks && dialect.GivesStacks
        : (wanted.Stacks || wanted.DumpFolder is not null) && EvidenceSource.Installed is not null);

    /// <summary>As <see cref="Scheduling.PoolWorker.PrepareEvidence"/>.</summary>
    public void Prepare()
    {
        if (link.Dialect is null)
            EvidenceSource.Installed?.Prepare();
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.TakeEvidenceAsync"/>.</summary>
    public Task<WorkerEvidence> TakeAsync() => TakeAsync(link.Settings.Evidence!);

    /// <summary>As <see cref="Scheduling.PoolWorker.TakeStacksAsync"/>.</summary>
    public async Task<string?> TakeStacksAsync(TimeSpan budget) => (await TakeAsync(new() { Budget = budget }).ConfigureAwait(false)).Stacks;

    private async Task<WorkerEvidence> TakeAsync(EvidenceOptions wanted)
    {
        if (link.Process is not { Ended.IsCompleted: false } running || link.IsKilled)
            return new(null, null);
        if (link.Dialect is { } dialect)
            return new(dialect.GivesStacks ? await dialect.TakeStacksAsync(wanted.Budget).ConfigureAwait(false) : null, null);
        if (EvidenceSource.Installed is not { } source)
            return new(null, null);
        Task<WorkerEvidence> taking = source.CaptureAsync(running.Id, wanted);
        lock (gate)
            looking = Task.WhenAll(looking, taking);   // two may look at it, one after the other
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
