using Kernmantle.Functions;
using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child;

/// <summary>The objects of <see cref="Remote{T}"/> that live in this worker, by the id of the call that created them. Thread-safe: the main thread is the first to ask, but calls that one makes itself may ask elsewhere.</summary>
internal sealed class InstanceTable(ILogger logger)
{
    /// <summary>Null until there is one: most workers never have any, and this would be compiled at their start.</summary>
    private OrderedDictionary<long, object>? objects;

    private readonly Lock gate = new();

    public void Add(long id, object? instance)
    {
        if (instance is null)
            throw new InvalidOperationException("The function that creates a Remote's object returned null.");
        lock (gate)
            (objects ??= []).Add(id, instance);
    }

    /// <exception cref="StateLostException">It was released, or never made.</exception>
    public object Get(long id)
    {
        lock (gate)
        {
            if (objects is not null && objects.TryGetValue(id, out object? instance))
                return instance;
        }
        throw new StateLostException("The object is no longer in its worker. Create it again.");
    }

    /// <summary>Removes the object and disposes of it; what that throws, arrives. Nothing if it is not there.</summary>
    public void Release(long id)
    {
        object? instance = null;
        lock (gate)
            objects?.Remove(id, out instance);
        if (instance is not null)
            Blocking.Wait(Disposal.DisposeAsync(instance));
    }

    /// <summary>Disposes of all that is left, newest first.</summary>
    public void ReleaseAll()
    {
        while (Newest() is { Value: { } instance, Key: var id })
        {
            try
            {
                Release(id);
            }
            catch (Exception e)
            {
                ChildEvents.DisposalFailed(logger, e, instance.GetType());
            }
        }
    }

    private KeyValuePair<long, object>? Newest()
    {
        lock (gate)
            return objects is { Count: > 0 } ? objects.GetAt(objects.Count - 1) : null;
    }
}
