namespace Kernmantle.Scheduling.Streams;

/// <summary>The worker that has a stream, as its consumer sees it. By the consumer.</summary>
internal interface IStreamWorker
{
    /// <summary>So much of the stream has been consumed, in units of <see cref="Kernmantle.Wire.Shared.StreamCredit.CostOf"/>.</summary>
    void Grant(long taken);

    /// <summary>Takes what the worker has sent, and looks for it where it is likely to come soon. Runs no user code. Returns when something has come, or when it is better to sleep until it has.</summary>
    void Attend();

    /// <summary>The consumer does not attend any more.</summary>
    void Leave();
}
