// TEMPORARY stand-in by the lead so that others can build; area A replaces this file.
using Nerdbank.MessagePack;
using PolyType.ReflectionProvider;

namespace Kernmantle.Payloads;

internal static class Codecs
{
    public static Codec<T> For<T>() => Cache<T>.Instance;

    private static class Cache<T>
    {
        public static readonly Codec<T> Instance = Make();

        private static Codec<T> Make()
        {
            if (typeof(T) == typeof(CancellationToken))
                return (Codec<T>)(object)new TokenCodec();
            if (typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(IProgress<>))
                return (Codec<T>)Activator.CreateInstance(typeof(ProgressCodec<>).MakeGenericType(typeof(T).GetGenericArguments()))!;
            if (typeof(T).IsSubclassOf(typeof(Delegate)) || typeof(T).IsSubclassOf(typeof(Stream)) || typeof(T) == typeof(Stream) || typeof(T) == typeof(object))
                throw new NotPortableException(typeof(T).Name, "Pass data instead.");
            return new ObjectCodec<T>();
        }
    }

    private sealed class TokenCodec : Codec<CancellationToken>
    {
        public override void Write(ref PayloadWriter writer, CancellationToken value) => writer.WriteInt32(writer.Scope!.AddToken(value));

        public override CancellationToken Read(ref PayloadReader reader) => reader.Scope!.GetToken(reader.ReadInt32());
    }

    private sealed class ProgressCodec<TReport> : Codec<IProgress<TReport>>
    {
        public override void Write(ref PayloadWriter writer, IProgress<TReport> value) => writer.WriteInt32(writer.Scope!.AddProgress(value, For<TReport>()));

        public override IProgress<TReport> Read(ref PayloadReader reader) => reader.Scope!.GetProgress(reader.ReadInt32(), For<TReport>());
    }

    private sealed class ObjectCodec<T> : Codec<T>
    {
        private static readonly MessagePackSerializer Serializer = new();
        private static readonly PolyType.ITypeShape<T> Shape = ReflectionTypeShapeProvider.Default.GetTypeShape<T>()!;

        public override void Write(ref PayloadWriter writer, T value)
        {
            byte[] bytes = Serializer.Serialize(value, Shape, CancellationToken.None);
            writer.WriteInt32(bytes.Length);
            writer.WriteBytes(bytes);
        }

        public override T Read(ref PayloadReader reader)
        {
            int count = reader.ReadInt32();
            byte[] bytes = reader.ReadBytes(count).ToArray();
            try
            {
                return Serializer.Deserialize(bytes, Shape, CancellationToken.None)!;
            }
            catch (Exception e)
            {
                throw new InvalidPayloadException(e.Message, e);
            }
        }
    }
}
