using Kernmantle.Wire.Bytes;

namespace Kernmantle.Wire.Bytes;

/// <summary>
/// Turns values of the static type <typeparamref name="T"/> into bytes and back. Both sides of a call know
/// <typeparamref name="T"/>, so no type name ever travels with a value. Instances are stateless and thread-safe.
/// </summary>
internal abstract class Codec<T>
{
    /// <summary>Appends the value.</summary>
    /// <exception cref="NotPortableException">This value (not its static type) cannot cross, for example a derived object.</exception>
    public abstract void Write(ref PayloadWriter writer, T value);

    /// <summary>How many bytes <see cref="Write"/> will append at least, as far as that is known without writing them.</summary>
    public virtual long LeastLengthOf(T value) => 0;

    /// <summary>Makes ready what a first use would make, without a value: runs no code of the program's.</summary>
    public virtual void Warm()
    {
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidPayloadException">The bytes are not what this codec writes.</exception>
    public abstract T Read(ref PayloadReader reader);
}

/// <summary>Marks codecs that run no code of the user's: their bytes may be read on any thread.</summary>
internal interface IPlainCodec;
