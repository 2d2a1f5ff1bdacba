using Kernmantle.Python.Values;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Sharing;

/// <summary>What the arguments of one call name of the host's objects: handed over when it is sent to a worker. Its result may name what that worker has.</summary>
/// <param name="areKnown">The worker's agent knows such objects.</param>
internal sealed class CallObjects(bool areKnown = true) : IPythonObjects, IPythonObjectSource
{
    /// <summary>Each is a message that waits in the socket until the worker reads it.</summary>
    private const int MostArrays = 64;

    private readonly List<HostObject> named = [];
    private volatile ObjectLink? link;
    private int arrays;

    /// <summary>The worker's agent knows such objects.</summary>
    public bool AreKnown => areKnown;

    /// <summary>Each as often as it is named.</summary>
    public IReadOnlyList<HostObject> Named => named;

    /// <summary>The connection of the worker that has the call; null where nothing was handed over there.</summary>
    public ObjectLink? Link
    {
        get => link;
        set => link = value;
    }

    public void Name(HostObject item)
    {
        if (!areKnown)
            throw new RefusedValueException("something that stays in the host, in a call of Jython,", "Jython's workers know no channels, shared values and locks of the host: pass the items themselves, or use CPython or PyPy.");
        if (item.Block is not null && ++arrays > MostArrays)
            throw new RefusedValueException($"more than {MostArrays} shared arrays in one call,", "Hand them over by several calls: what a worker has been handed it may keep.");
        named.Add(item);
    }

    public HostObject Find(int number) => link?.Find(number) ?? throw new InvalidPayloadException($"An object {number}, which the worker does not have.");
}
