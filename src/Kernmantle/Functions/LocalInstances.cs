using System.Collections.Concurrent;

namespace Kernmantle.Functions;

/// <summary>The objects of <see cref="Remote{T}"/> that live in one worker of this process. Thread-safe.</summary>
internal sealed class LocalInstances
{
    private readonly ConcurrentDictionary<long, object> objects = new();

    public void Add(long id, object instance) => objects[id] = instance;

    public object Get(long id) => objects.TryGetValue(id, out object? instance)
        ? instance
        : throw new StateLostException("The object is no longer in its worker. Create it again.");

    /// <summary>Removes the object and disposes of it; what that throws, arrives.</summary>
    public async ValueTask ReleaseAsync(long id)
    {
        if (objects.TryRemove(id, out object? instance))
            await Disposal.DisposeAsync(instance).ConfigureAwait(false);
    }

    /// <summary>Disposes of all that is left and returns what was thrown.</summary>
    public async ValueTask<IReadOnlyList<Exception>> ReleaseAllAsync()
    {
        bool comeBack = IStepContext.IsCurrent;   // the next object's code belongs there, too
        List<Exception> failures = [];
        foreach (long id in objects.Keys)
        {
            try
            {
                await ReleaseAsync(id).ConfigureAwait(comeBack);
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }
        return failures;
    }
}
