using Nerdbank.MessagePack;
using PolyType;
using PolyType.ReflectionProvider;

namespace Kernmantle.Payloads.Objects;

/// <summary>Sequences: what the guard has enumerated is written as it was then, and not enumerated once more.</summary>
internal sealed class SequenceConverters : IMessagePackConverterFactory
{
    /// <summary>Under what a context has the copies of <see cref="GuardVisit.Copy"/>.</summary>
    public static readonly object Copies = new();

    public MessagePackConverter? CreateConverter(Type type, ITypeShape? shape, in ConverterContext context) =>
        ObjectGuard.IsSequence(type) ? (MessagePackConverter)Activator.CreateInstance(typeof(SequenceConverter<>).MakeGenericType(type.GetGenericArguments()))! : null;
}

internal sealed class SequenceConverter<T> : MessagePackConverter<IEnumerable<T>>
{
    public override void Write(ref MessagePackWriter writer, in IEnumerable<T>? value, SerializationContext context)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }
        context.DepthStep();
        // Items that hold nothing were not looked at.
        IReadOnlyCollection<T> items = context[SequenceConverters.Copies] is IReadOnlyDictionary<object, object?[]> copies && copies.TryGetValue(value, out object?[]? copy) ? [.. copy.Cast<T>()]
            : value as IReadOnlyCollection<T> ?? [.. value];
        writer.WriteArrayHeader(items.Count);
        MessagePackConverter<T> converter = context.GetConverter<T>(ReflectionTypeShapeProvider.Default);
        foreach (T item in items)
            converter.Write(ref writer, item, context);
    }

    public override IEnumerable<T>? Read(ref MessagePackReader reader, SerializationContext context)
    {
        if (reader.TryReadNil())
            return null;
        context.DepthStep();
        int count = reader.ReadArrayHeader();
        MessagePackConverter<T> converter = context.GetConverter<T>(ReflectionTypeShapeProvider.Default);
        List<T> items = [];
        for (int i = 0; i < count; i++)
            items.Add(converter.Read(ref reader, context)!);
        return items;
    }
}
