using System.Reflection;
using Kernmantle.Payloads;
using Kernmantle.Payloads.FSharp;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions.Capturing;

/// <summary>One field of a closure that travels.</summary>
internal abstract class CapturedField(FieldInfo info)
{
    public FieldInfo Field => info;

    /// <summary>As <see cref="CapturedTarget.IsByValue"/>.</summary>
    public abstract bool IsByValue { get; }

    /// <summary>As <see cref="CapturedTarget.IsPlain"/>.</summary>
    public abstract bool IsPlain { get; }

    /// <summary>As <see cref="CapturedTarget.IsFrozen"/>, where the variable itself is only read.</summary>
    public abstract bool IsFrozen { get; }

    public abstract void Write(ref PayloadWriter writer, object closure);

    public abstract void Read(ref PayloadReader reader, object closure);

    /// <summary>Worker: makes ready what a first call would make.</summary>
    public abstract void Warm();

    /// <param name="field">The field.</param>
    /// <param name="isChecked">In a worker: the host has checked the type.</param>
    /// <exception cref="NotPortableException">No variable of this type can cross.</exception>
    public static CapturedField Of(FieldInfo field, bool isChecked = false)
    {
        Type type = field.FieldType;
        if (type.IsPointer || type.IsFunctionPointer)
            throw new NotPortableException($"{GeneratedNames.OfVariable(field)} ({type})", "Memory has other addresses there: capture a copy of what it points to.");
        if (FSharpTypes.IsFunction(type))
            return new CapturedFunction(field);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(HeldFunction<>))
            return Reflected.With<Func<FieldInfo, CapturedField>>(CreateHeld<object>, type.GetGenericArguments()[0])(field);
        try
        {
            return Reflected.With<Func<FieldInfo, bool, CapturedField>>(Create<object>, type)(field, isChecked);
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named(GeneratedNames.OfVariable(field), type, e);
        }
    }

    private static CapturedHeldFunction<T> CreateHeld<T>(FieldInfo field) => new(field);

    private static CapturedVariable<T> Create<T>(FieldInfo field, bool isChecked) => new(field, isChecked);
}

/// <summary>A captured variable.</summary>
internal sealed class CapturedVariable<T>(FieldInfo field, bool isChecked) : CapturedField(field)
{
    private readonly Codec<T> codec = isChecked ? Codecs.ForChecked<T>() : Codecs.For<T>();

    public override bool IsByValue => codec is not (ILinkCodec or SharedBuffers.ISharedBufferCodec);

    public override bool IsPlain => codec is IPlainCodec;

    public override bool IsFrozen => codec is BitsCodec<T> or StringCodec;

    public override void Write(ref PayloadWriter writer, object closure)
    {
        try
        {
            codec.Write(ref writer, (T)Field.GetValue(closure)!);
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named(GeneratedNames.OfVariable(Field), typeof(T), e);
        }
    }

    public override void Read(ref PayloadReader reader, object closure) => Field.SetValue(closure, codec.Read(ref reader));

    public override void Warm() => codec.Warm();
}

/// <summary>The closure of an enclosing scope; null where its scope has not been entered.</summary>
internal sealed class OuterClosure(FieldInfo field, ClosureTarget outer) : CapturedField(field)
{
    public ClosureTarget Outer => outer;

    public override bool IsByValue => outer.IsByValue;

    public override bool IsPlain => outer.IsPlain;

    public override bool IsFrozen => outer.IsFrozen;

    public override void Warm() => outer.Warm();

    public override void Write(ref PayloadWriter writer, object closure)
    {
        object? value = Field.GetValue(closure);
        writer.WriteByte(value is null ? (byte)0 : (byte)1);
        if (value is not null)
            outer.Write(ref writer, value);
    }

    public override void Read(ref PayloadReader reader, object closure)
    {
        if (reader.ReadByte() != 0)
            Field.SetValue(closure, outer.Read(ref reader));
    }
}
