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

    /// <summary>Appends values, each behind its length, as long as one more like the last leaves <see cref="PooledBuffer.Count"/> within the limit; the first one always.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="values">The values.</param>
    /// <param name="limit">In bytes.</param>
    /// <param name="done">How many stand there, also where one throws; what it left behind them is no value.</param>
    /// <exception cref="NotPortableException">As <see cref="Write"/>.</exception>
    public virtual void WriteMany(ref PayloadWriter writer, ReadOnlySpan<T> values, int limit, ref int done)
    {
        PooledBuffer output = writer.Output;
        int start = output.Count;
        for (int size = 0; done < values.Length && (size == 0 || start + size <= limit); done++)
        {
            writer.WriteInt32(0);
            Write(ref writer, values[done]);
            size = output.Count - start;
            output.Patch(start, size - sizeof(int));
            start += size;
        }
    }

    /// <summary>Reads values, each behind its length, until there are as many.</summary>
    /// <param name="bytes">As <see cref="WriteMany"/> writes them.</param>
    /// <param name="values">Where to.</param>
    /// <param name="done">How many are there, also where one throws.</param>
    /// <exception cref="InvalidPayloadException">As <see cref="Read"/>.</exception>
    public virtual void ReadMany(ReadOnlySpan<byte> bytes, Span<T> values, ref int done)
    {
        var reader = new PayloadReader(bytes);
        for (; done < values.Length; done++)
        {
            var own = new PayloadReader(reader.ReadBytes(reader.ReadInt32()));
            values[done] = Read(ref own);
        }
    }

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
