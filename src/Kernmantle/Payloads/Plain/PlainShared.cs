using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads.Plain;

/// <summary>Shared memory, by its name.</summary>
internal abstract class PlainShared : PlainShape
{
    public override bool IsLeaf => true;

    public static PlainShape Of(Type type) => (PlainShape)Activator.CreateInstance(typeof(PlainShared<>).MakeGenericType(type))!;
}

/// <summary>The same of one type. Its codec is made when it is needed: a channel's side may have items that hold such sides.</summary>
internal sealed class PlainShared<T> : PlainShared
{
    private Codec<T>? codec;

    private Codec<T> Codec => codec ??= (Codec<T>)Codecs.OfShared(typeof(T));

    public override void Write(ref PayloadWriter writer, object? value) => Codec.Write(ref writer, (T)value!);

    public override object? Read(ref PayloadReader reader) => Codec.Read(ref reader);
}
