using System.Buffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads.Objects;

/// <summary>The seam behind which a library turns object graphs into bytes, after the preflight has let their type pass.</summary>
internal interface IObjectSerializer<T>
{
    /// <summary>Makes ready what a first use would make, without a value.</summary>
    void Warm();

    /// <summary>Appends the value. With <paramref name="keepReferences"/> an object reached twice arrives as one. Sequences of which there are <paramref name="copies"/> are not enumerated.</summary>
    void Write(IBufferWriter<byte> output, T value, bool keepReferences, IReadOnlyDictionary<object, object?[]>? copies);

    /// <exception cref="InvalidPayloadException">The bytes are not what <see cref="Write"/> writes.</exception>
    T Read(ReadOnlyMemory<byte> bytes, bool keepReferences);
}
