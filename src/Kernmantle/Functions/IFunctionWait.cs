namespace Kernmantle.Functions;

/// <summary>Waits on the thread of a worker for what a function does asynchronously.</summary>
internal interface IFunctionWait
{
    /// <summary>Blocks until the task has completed. Returns its result, or throws what it failed with.</summary>
    T Wait<T>(ValueTask<T> task);

    /// <inheritdoc cref="Wait{T}"/>
    void Wait(ValueTask task);
}
