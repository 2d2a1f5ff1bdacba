using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>One parameter of a function.</summary>
internal abstract class Parameter<T>
{
    /// <exception cref="NotPortableException">No argument of this type can cross.</exception>
    public static Parameter<T> Of(string? name, bool isInstance) => isInstance ? new InstanceParameter<T>() : new ValueParameter<T>(name);

    public abstract void Write(ref PayloadWriter writer, T value);

    /// <summary>As <see cref="Codec{T}.LeastLengthOf"/>.</summary>
    public abstract long LeastLengthOf(T value);

    /// <summary>The arguments of several calls, as <see cref="Codec{T}.WriteMany"/> writes them.</summary>
    public abstract void WriteMany(ref PayloadWriter writer, ReadOnlySpan<T> values, int limit, ref int done);

    public abstract T Read(ref PayloadReader reader, object? instance);

    /// <summary>Neither writing nor reading its arguments runs code of the program's.</summary>
    public abstract bool IsPlain { get; }

    /// <summary>Nothing of them crosses by reference.</summary>
    public abstract bool IsByValue { get; }

    /// <summary>Worker: makes ready what a first call would make.</summary>
    public virtual void Warm()
    {
    }
}

/// <summary>A parameter whose arguments cross by value.</summary>
internal sealed class ValueParameter<T> : Parameter<T>
{
    private readonly Codec<T> codec;
    private readonly string? name;

    public ValueParameter(string? name)
    {
        this.name = name;
        try
        {
            codec = name is null ? Codecs.ForChecked<T>() : Codecs.For<T>();   // null: in a worker
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named($"The argument '{name}'", typeof(T), e);
        }
    }

    public override void Write(ref PayloadWriter writer, T value)
    {
        try
        {
            codec.Write(ref writer, value);
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named($"The argument '{name}'", typeof(T), e);
        }
    }

    public override long LeastLengthOf(T value) => codec.LeastLengthOf(value);

    public override void WriteMany(ref PayloadWriter writer, ReadOnlySpan<T> values, int limit, ref int done)
    {
        try
        {
            codec.WriteMany(ref writer, values, limit, ref done);
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named($"The argument '{name}'", typeof(T), e);
        }
    }

    public override bool IsPlain => codec is IPlainCodec;

    public override bool IsByValue => codec is not (ILinkCodec or SharedBuffers.ISharedBufferCodec);

    public override T Read(ref PayloadReader reader, object? instance) => codec.Read(ref reader);

    public override void Warm() => codec.Warm();
}

/// <summary>A parameter that takes the object that lives in the worker.</summary>
internal sealed class InstanceParameter<T> : Parameter<T>
{
    public override void Write(ref PayloadWriter writer, T value)
    {
    }

    public override long LeastLengthOf(T value) => 0;

    public override void WriteMany(ref PayloadWriter writer, ReadOnlySpan<T> values, int limit, ref int done) =>
        throw new InvalidOperationException("Calls on an object do not travel together.");

    public override bool IsPlain => false;

    public override bool IsByValue => false;

    public override T Read(ref PayloadReader reader, object? instance) => (T)instance!;
}

/// <summary>How a function's arguments cross, in order. Immutable and thread-safe.</summary>
internal abstract class Arguments<TArgs>
{
    public abstract void Write(ref PayloadWriter writer, in TArgs args);

    public abstract TArgs Read(ref PayloadReader reader, object? instance);

    /// <summary>Neither writing nor reading them runs code of the program's.</summary>
    public abstract bool IsPlain { get; }

    /// <summary>Nothing of them crosses by reference.</summary>
    public abstract bool IsByValue { get; }

    /// <summary>Worker: makes ready what a first call would make.</summary>
    public virtual void Warm()
    {
    }
}

/// <summary>Makes them.</summary>
internal static class Arguments
{
    /// <param name="tuple">The type <c>TArgs</c> of the <see cref="Arguments{TArgs}"/> that is returned.</param>
    /// <param name="names">The parameters' names; null in a worker, which only reads.</param>
    /// <param name="firstIsInstance">The first parameter takes an object that lives in the worker.</param>
    /// <exception cref="NotPortableException">An argument of such a type cannot cross.</exception>
    public static object Of(Type tuple, string[]? names, bool firstIsInstance)
    {
        Type[] types = tuple.GetGenericArguments();
        Func<string[]?, bool, object>? create = types.Length switch
        {
            0 => null,
            1 => Create<object>,
            2 => Create<object, object>,
            _ => Create<object, object, object>,
        };
        return create is null ? new Arguments0() : Reflected.With(create, types)(names, firstIsInstance);
    }

    private static Arguments1<T1> Create<T1>(string[]? names, bool firstIsInstance) => new(names, firstIsInstance);

    private static Arguments2<T1, T2> Create<T1, T2>(string[]? names, bool firstIsInstance) => new(names, firstIsInstance);

    private static Arguments3<T1, T2, T3> Create<T1, T2, T3>(string[]? names, bool firstIsInstance) => new(names, firstIsInstance);
}

internal sealed class Arguments0 : Arguments<ValueTuple>
{
    public override bool IsPlain => true;

    public override bool IsByValue => true;

    public override void Write(ref PayloadWriter writer, in ValueTuple args)
    {
    }

    public override ValueTuple Read(ref PayloadReader reader, object? instance) => default;
}

internal sealed class Arguments1<T1>(string[]? names, bool firstIsInstance) : Arguments<ValueTuple<T1>>
{
    private readonly Parameter<T1> first = Parameter<T1>.Of(names?[0], firstIsInstance);

    public Parameter<T1> First => first;

    public override bool IsPlain => first.IsPlain;

    public override bool IsByValue => first.IsByValue;

    public override void Warm() => first.Warm();

    public override void Write(ref PayloadWriter writer, in ValueTuple<T1> args) => first.Write(ref writer, args.Item1);

    public override ValueTuple<T1> Read(ref PayloadReader reader, object? instance) => new(first.Read(ref reader, instance));
}

internal sealed class Arguments2<T1, T2>(string[]? names, bool firstIsInstance) : Arguments<ValueTuple<T1, T2>>
{
    private readonly Parameter<T1> first = Parameter<T1>.Of(names?[0], firstIsInstance);
    private readonly Parameter<T2> second = Parameter<T2>.Of(names?[1], isInstance: false);

    public override bool IsPlain => first.IsPlain && second.IsPlain;

    public override bool IsByValue => first.IsByValue && second.IsByValue;

    public override void Warm()
    {
        first.Warm();
        second.Warm();
    }

    public override void Write(ref PayloadWriter writer, in ValueTuple<T1, T2> args)
    {
        writer.Expect(first.LeastLengthOf(args.Item1) + second.LeastLengthOf(args.Item2));
        first.Write(ref writer, args.Item1);
        second.Write(ref writer, args.Item2);
    }

    public override ValueTuple<T1, T2> Read(ref PayloadReader reader, object? instance) =>
        new(first.Read(ref reader, instance), second.Read(ref reader, null));
}

internal sealed class Arguments3<T1, T2, T3>(string[]? names, bool firstIsInstance) : Arguments<ValueTuple<T1, T2, T3>>
{
    private readonly Parameter<T1> first = Parameter<T1>.Of(names?[0], firstIsInstance);
    private readonly Parameter<T2> second = Parameter<T2>.Of(names?[1], isInstance: false);
    private readonly Parameter<T3> third = Parameter<T3>.Of(names?[2], isInstance: false);

    public override bool IsPlain => first.IsPlain && second.IsPlain && third.IsPlain;

    public override bool IsByValue => first.IsByValue && second.IsByValue && third.IsByValue;

    public override void Warm()
    {
        first.Warm();
        second.Warm();
        third.Warm();
    }

    public override void Write(ref PayloadWriter writer, in ValueTuple<T1, T2, T3> args)
    {
        writer.Expect(first.LeastLengthOf(args.Item1) + second.LeastLengthOf(args.Item2) + third.LeastLengthOf(args.Item3));
        first.Write(ref writer, args.Item1);
        second.Write(ref writer, args.Item2);
        third.Write(ref writer, args.Item3);
    }

    public override ValueTuple<T1, T2, T3> Read(ref PayloadReader reader, object? instance) =>
        new(first.Read(ref reader, instance), second.Read(ref reader, null), third.Read(ref reader, null));
}
