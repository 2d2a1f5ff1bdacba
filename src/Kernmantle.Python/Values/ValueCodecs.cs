using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Python.Sharing;

namespace Kernmantle.Python.Values;

/// <summary>The codec of each type, made once.</summary>
internal static class ValueCodecs<T>
{
    // Codecs look for those of their parts when they are used, not when they are made: a type may contain itself.
    public static readonly ValueCodec<T> Codec = (ValueCodec<T>)ValueCodecs.Create(typeof(T));
}

/// <summary>Decides which codec a type has: the first rule that fits.</summary>
internal static class ValueCodecs
{
    private static readonly ConcurrentDictionary<Type, ValueCodec> Known = new();

    public static ValueCodec For(Type type) => Known.GetOrAdd(type, static t =>
        t.IsByRefLike || t.IsPointer || t.IsFunctionPointer || t.ContainsGenericParameters
            ? throw new RefusedValueException(t.Name, "Memory has other addresses there: pass a copy.")
            : (ValueCodec)typeof(ValueCodecs<>).MakeGenericType(t).GetField(nameof(ValueCodecs<>.Codec))!.GetValue(null)!);

    /// <summary>A value whose type is derived from the static one is written by its own codec. False: it is of the static type itself.</summary>
    public static bool TryWriteAsItIs<T>(ref PythonWriter writer, T value)
    {
        if (typeof(T).IsSealed || typeof(T).IsValueType || value!.GetType() == typeof(T))
            return false;
        For(value.GetType()).WriteBoxed(ref writer, value);
        return true;
    }

    public static ValueCodec Create(Type type) =>
        Scalar(type) ?? HostObjects.TryCreateCodec(type) ?? Refused(type) ?? Memory(type) ?? Array(type) ?? Wrapped(type) ?? CollectionCodecs.TryCreate(type) ?? New(typeof(ObjectCodec<>), [type]);

    public static ValueCodec New(Type definition, Type[] types, params object?[] arguments) =>
        (ValueCodec)Activator.CreateInstance(definition.MakeGenericType(types), arguments)!;

    private static ValueCodec? Scalar(Type type)
    {
        if (type == typeof(object))
            return new NaturalCodec();
        if (type == typeof(string))
            return new StringCodec();
        if (type == typeof(bool))
            return new BoolCodec();
        if (type == typeof(char))
            return new CharCodec();
        if (type == typeof(BigInteger))
            return new BigIntegerCodec();
        if (type == typeof(decimal))
            return new DecimalCodec();
        if (type == typeof(Complex))
            return new ComplexCodec();
        if (type == typeof(Guid))
            return new GuidCodec();
        if (type == typeof(DateTime))
            return new DateTimeCodec();
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffsetCodec();
        if (type == typeof(DateOnly))
            return new DateOnlyCodec();
        if (type == typeof(TimeOnly))
            return new TimeOnlyCodec();
        if (type == typeof(TimeSpan))
            return new TimeSpanCodec();
        if (type == typeof(Unit))
            return new UnitCodec();
        if (type == typeof(JsonElement))
            return new JsonElementCodec();
        if (type == typeof(JsonDocument))
            return new JsonCodec<JsonDocument>(static d => d.RootElement, static e => JsonDocument.Parse(e.GetRawText(), new JsonDocumentOptions { MaxDepth = MarshalCode.MaxDepth }));
        if (type.IsAssignableTo(typeof(JsonNode)))
            return type == typeof(JsonNode)
                ? new JsonCodec<JsonNode>(Element, static e => JsonNode.Parse(e.GetRawText(), documentOptions: new JsonDocumentOptions { MaxDepth = MarshalCode.MaxDepth })!)
                : New(typeof(JsonNodeCodec<>), [type]);
        if (type.IsEnum)
            return New(typeof(EnumCodec<,>), [type, Enum.GetUnderlyingType(type)]);
        if (type == typeof(Half) || type == typeof(float) || type == typeof(double))
            return New(typeof(FloatCodec<>), [type]);
        return type == typeof(Int128) || type == typeof(UInt128) || (NumericArrays.FormatOf(type) != '\0')
            ? New(typeof(IntegerCodec<>), [type])
            : null;
    }

    private static ValueCodec? Refused(Type type) => RefusedTypes.Remedy(type) is { } remedy ? New(typeof(RefusedCodec<>), [type], remedy) : null;

    private static ValueCodec? Memory(Type type)
    {
        if (type == typeof(byte[]))
            return new BytesCodec<byte[]?>(static a => a is null ? (ReadOnlyMemory<byte>?)null : a, static a => a);
        if (!type.IsGenericType)
            return null;
        Type definition = type.GetGenericTypeDefinition(), item = type.GetGenericArguments()[0];
        if (definition == typeof(SharedBuffer<>))
            return NumericArrays.FormatOf(item) != '\0' ? New(typeof(SharedBufferCodec<>), [item]) : New(typeof(RefusedCodec<>), [type], "Python has no such items: use one of numbers.");
        return definition == typeof(Memory<>) || definition == typeof(ReadOnlyMemory<>) || definition == typeof(ArraySegment<>)
            ? Generic(nameof(MemoryOf), item, definition.Name)
            : null;
    }

    private static ValueCodec? Array(Type type)
    {
        if (!type.IsArray)
            return null;
        Type item = type.GetElementType()!;
        if (item.IsPointer || item.IsFunctionPointer)
            return New(typeof(RefusedCodec<>), [type], "Memory has other addresses there: pass a copy.");
        bool numbers = NumericArrays.FormatOf(item) != '\0';
        if (type.IsSZArray)
            return numbers ? Generic(nameof(VectorOf), item) : Generic(nameof(ArrayOf), item);
        return numbers && type.GetArrayRank() is 2 or 3
            ? New(typeof(MatrixCodec<,>), [type, item])
            : New(typeof(RefusedCodec<>), [type], "Only numeric arrays of two or three dimensions cross: pass arrays of arrays.");
    }

    private static ValueCodec? Wrapped(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return New(typeof(NullableCodec<>), [inner]);
        bool tuple = type.IsGenericType && (type.IsAssignableTo(typeof(ITuple)) || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));
        return tuple && type.Namespace is "System" or "System.Collections.Generic" ? New(typeof(TupleCodec<>), [type]) : null;
    }

    private static ValueCodec Generic(string method, Type item, params object[] arguments) =>
        (ValueCodec)typeof(ValueCodecs).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(item).Invoke(null, arguments)!;

    private static SequenceCodec<T[], T> ArrayOf<T>() => new(static items => items);

    private static VectorCodec<T[]?, T> VectorOf<T>()
        where T : unmanaged => new(static a => a is null ? (ReadOnlyMemory<T>?)null : a, static a => a);

    private static ValueCodec MemoryOf<T>(string definition)
    {
        if (NumericArrays.FormatOf(typeof(T)) != '\0')
            return Generic(nameof(NumbersOf), typeof(T), definition);
        if (definition == typeof(Memory<>).Name)
            return new SequenceCodec<Memory<T>, T>(static items => items);
        return definition == typeof(ReadOnlyMemory<>).Name
            ? new SequenceCodec<ReadOnlyMemory<T>, T>(static items => items)
            : new SequenceCodec<ArraySegment<T>, T>(static items => items);
    }

    private static ValueCodec NumbersOf<T>(string definition)
        where T : unmanaged
    {
        if (definition == typeof(Memory<>).Name)
            return Numbers<Memory<T>, T>(static m => m, static a => a);
        if (definition == typeof(ReadOnlyMemory<>).Name)
            return Numbers<ReadOnlyMemory<T>, T>(static m => m, static a => a);
        return Numbers<ArraySegment<T>, T>(static s => s.Array is null ? (ReadOnlyMemory<T>?)null : s.AsMemory(), static a => a);
    }

    private static ValueCodec Numbers<T, TItem>(Func<T, ReadOnlyMemory<TItem>?> open, Func<TItem[], T> make)
        where TItem : unmanaged => typeof(TItem) == typeof(byte)
            ? new BytesCodec<T>((Func<T, ReadOnlyMemory<byte>?>)(object)open, (Func<byte[], T>)(object)make)
            : new VectorCodec<T, TItem>(open, make);

    /// <summary>Not by JsonSerializer: without reflection, as in a trimmed program, it knows no type, not even this one.</summary>
    private static JsonElement Element(JsonNode node)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { MaxDepth = MarshalCode.MaxDepth }))
            node.WriteTo(writer);
        var reader = new Utf8JsonReader(json.WrittenSpan, new JsonReaderOptions { MaxDepth = MarshalCode.MaxDepth });
        return JsonElement.ParseValue(ref reader);
    }
}
