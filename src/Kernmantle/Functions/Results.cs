using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>How a function's result crosses back.</summary>
internal static class Results
{
    /// <summary>The codec of the result (of one item, for a stream), as an object.</summary>
    /// <exception cref="NotPortableException">A result of this type cannot cross.</exception>
    public static object Of(Type result, FunctionShape shape) =>
        Reflected.With<Func<object>>(Of<object>, shape.IsVoid || shape.ResultIsInstance ? typeof(Unit) : result)();

    /// <exception cref="NotPortableException">A result of this type cannot cross.</exception>
    public static Codec<R> Of<R>() => Of<R>(isChecked: false);

    /// <summary>In a worker: the host has checked the type.</summary>
    public static Codec<R> OfChecked<R>() => Of<R>(isChecked: true);

    private static Codec<R> Of<R>(bool isChecked)
    {
        try
        {
            return typeof(R) == typeof(Unit) ? (Codec<R>)(object)new UnitCodec() : isChecked ? Codecs.ForChecked<R>() : Codecs.For<R>();
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named("The result", typeof(R), e);
        }
    }

    private sealed class UnitCodec : Codec<Unit>, IPlainCodec
    {
        public override void Write(ref PayloadWriter writer, Unit value)
        {
        }

        public override Unit Read(ref PayloadReader reader) => default;
    }
}
