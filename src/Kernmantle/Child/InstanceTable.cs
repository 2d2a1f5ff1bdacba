using Kernmantle.Functions;
using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child;

/// <summary>The objects of <see cref="Remote{T}"/> that live in this worker, by the id of the call that created them. Main thread only.</summary>
internal sealed class InstanceTable(ILogger logger)
{
    /// <summary>Null until there is one: most workers never have any, and this would be compiled at their start.</summary>
    private OrderedDictionary<long, object>? objects;

    public void Add(long id, object? instance) =>
        (objects ??= []).Add(id, instance ?? throw new InvalidOperationException("The function that creates a Remote's object returned null."));

    /// <exception cref="StateLostException">It was released, or never made.</exception>
    public object Get(long id) => objects is not null && objects.TryGetValue(id, out object? instance)
        ? instance
        : throw new StateLostException("The object is no longer in its worker. Create it again.");

    /// <summary>Removes the object and disposes of it; what that throws, arrives. Nothing if it is not there.</summary>
    public void Release(long id)
    {
        if (objects is not null && objects.Remove(id, out object? instance))
            Blocking.Wait(Disposal.DisposeAsync(instance));
    }

    /// <summary>Disposes of all that is left, newest first.</summary>
    public void ReleaseAll()
    {
        while (objects is { Count: > 0 })
        {
            (long id, object instance) = objects.GetAt(objects.Count - 1);
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
}
