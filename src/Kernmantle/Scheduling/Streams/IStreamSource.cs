namespace Kernmantle.Scheduling.Streams;

/// <summary>Where the consumer of a stream takes its items. One consumer.</summary>
internal interface IStreamSource<TItem>
{
    /// <summary>Completes when there may be items; false: there will be no more.</summary>
    ValueTask<bool> WaitAsync();

    /// <summary>Takes the next one, and makes room for another. May run the user's code.</summary>
    bool TryTake(out TItem item);

    /// <summary>It takes no more, and does not look any more either.</summary>
    void Leave();

    /// <summary>The end of the call; faulted or cancelled as that was.</summary>
    Task End { get; }
}
