using Kernmantle.Python.Values;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Sharing;

/// <summary>What the arguments of one call name of the host's objects: handed over when it is sent to a worker. Its result may name what that worker has.</summary>
internal sealed class CallObjects : IPythonObjects, IPythonObjectSource
{
    private readonly List<HostObject> named = [];
    private volatile ObjectLink? link;

    /// <summary>Each as often as it is named.</summary>
    public IReadOnlyList<HostObject> Named => named;

    /// <summary>The connection of the worker that has the call; null where nothing was handed over there.</summary>
    public ObjectLink? Link
    {
        get => link;
        set => link = value;
    }

    public void Name(HostObject item) => named.Add(item);

    public HostObject Find(int number) => link?.Find(number) ?? throw new InvalidPayloadException($"An object {number}, which the worker does not have.");
}
