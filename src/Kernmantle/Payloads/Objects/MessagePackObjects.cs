using System.Buffers;
using Kernmantle.Payloads.Preflight;
using Kernmantle.Wire.Bytes;
using Nerdbank.MessagePack;
using PolyType;
using PolyType.ReflectionProvider;

namespace Kernmantle.Payloads.Objects;

/// <summary>The serializer of Nerdbank.MessagePack, set up so that nothing changes on the way.</summary>
internal sealed class MessagePackObjects<T> : IObjectSerializer<T>
{
    private static readonly ITypeShape<T> Shape = ReflectionTypeShapeProvider.Default.GetTypeShape<T>()
        ?? throw new NotPortableException(PortableTypes.Name(typeof(T)), "The serializer does not know its kind. Pass a record.");

    public void Warm()
    {
        ReadOnlyMemory<byte> nil = new byte[] { 0xC0 };
        try
        {
            _ = MessagePackSettings.Plain.Deserialize(nil, Shape, CancellationToken.None);
        }
        catch (MessagePackSerializationException)
        {
            // A struct is never nil. The converter, which is what this is for, was made first.
        }
    }

    public void Write(IBufferWriter<byte> output, T value, bool keepReferences, IReadOnlyDictionary<object, object?[]>? copies)
    {
        try
        {
            MessagePackSerializer serializer = For(keepReferences);
            SerializationContext context = serializer.StartingContext;
            if (copies is not null)
                context[SequenceConverters.Copies] = copies;
            var writer = new MessagePackWriter(output);
            serializer.Serialize(ref writer, in value, Shape, context);
            writer.Flush();
        }
        catch (MessagePackSerializationException e)
        {
            throw new NotPortableException($"This value of {PortableTypes.Name(typeof(T))}", $"The serializer refused it: {Innermost(e)}", e);
        }
    }

    public T Read(ReadOnlyMemory<byte> bytes, bool keepReferences)
    {
        try
        {
            return For(keepReferences).Deserialize(bytes, Shape, CancellationToken.None)!;
        }
        catch (Exception e)
        {
            // Bytes may be forged, and constructors and setters of the program run on what they say: whatever that throws, the payload is to blame.
            throw new InvalidPayloadException($"No {PortableTypes.Name(typeof(T))}: {Innermost(e)}", e);
        }
    }

    private static MessagePackSerializer For(bool keepReferences) => keepReferences ? MessagePackSettings.KeepingReferences : MessagePackSettings.Plain;

    private static string Innermost(Exception exception) => exception.GetBaseException().Message;
}

/// <summary>The two configurations, shared by all types.</summary>
internal static class MessagePackSettings
{
    /// <summary>The plain one.</summary>
    public static readonly MessagePackSerializer Plain = new()
    {
        // The defaults replace the collections' comparers by ones of the serializer's own.
        ComparerProvider = null,
        SerializeDefaultValues = SerializeDefaultValuesPolicy.Always,
        StartingContext = new() { MaxDepth = ObjectGuard.MaxDepth * 2 },
        Converters = [new TextConverter(), new DateTimeConverter()],
        ConverterFactories = [new BitsConverters(), new SequenceConverters()],
    };

    /// <summary>An object reached twice stays one; cycles too.</summary>
    public static readonly MessagePackSerializer KeepingReferences = Plain with { PreserveReferences = ReferencePreservationMode.AllowCycles };
}
