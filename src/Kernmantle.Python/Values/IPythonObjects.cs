using Kernmantle.Python.Sharing;

namespace Kernmantle.Python.Values;

/// <summary>Hears of objects of the host that a value names: who gets the value gets them.</summary>
internal interface IPythonObjects
{
    /// <exception cref="RefusedValueException">It cannot go there.</exception>
    void Name(HostObject item);
}

/// <summary>Where the objects of the host are found that a value of a worker names.</summary>
internal interface IPythonObjectSource
{
    /// <exception cref="Wire.Bytes.InvalidPayloadException">The worker does not have it.</exception>
    HostObject Find(int number);
}
