using Kernmantle.Payloads;

namespace Kernmantle.Calls;

/// <summary>The items of one frame in a worker, one after the other.</summary>
internal interface IBatchItems
{
    /// <summary>Begins the next item: user code may run from now on. False: there is none, or none that may be begun.</summary>
    bool TryBegin();

    /// <summary>Where its result is put.</summary>
    PooledBuffer Result { get; }

    /// <summary>The result is there.</summary>
    void Answer();

    /// <summary>The item failed.</summary>
    void Fail(Exception exception);
}
