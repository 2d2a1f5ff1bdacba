using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>The items of one frame in a worker, one after the other. While one waits, what was answered before it does not.</summary>
internal interface IBatchItems : IFunctionWait
{
    /// <summary>Begins the next item: user code may run from now on. False: there is none, or none that may be begun.</summary>
    bool TryBegin();

    /// <summary>Cancelled with the item.</summary>
    CancellationToken Token { get; }

    /// <summary>The function is called next.</summary>
    void Start();

    /// <summary>It has completed.</summary>
    void Stop();

    /// <summary>Where its result is put.</summary>
    PooledBuffer Result { get; }

    /// <summary>The result is there.</summary>
    void Answer();

    /// <summary>The item failed; <paramref name="atResult"/>: when its result was put there.</summary>
    void Fail(Exception exception, bool atResult);
}
