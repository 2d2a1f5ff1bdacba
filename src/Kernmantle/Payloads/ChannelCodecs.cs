using System.Threading.Channels;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>A side of a channel crosses as the channel.</summary>
/// <typeparam name="TSide">How the side is declared: as ours, or as the platform's.</typeparam>
/// <typeparam name="T">The type of the items.</typeparam>
internal abstract class ChannelSideCodec<TSide, T> : Codec<TSide?>, IPlainCodec, ISharedBufferCodec
    where TSide : class
{
    private readonly SharedObjectCodec<WorkerChannel<T>> channels = new();

    /// <exception cref="NotPortableException">It is of another channel, or cannot cross by this way.</exception>
    public sealed override void Write(ref PayloadWriter writer, TSide? value)
    {
        if (value is not null && ChannelOf(value) is null)
            throw new NotPortableException(Preflight.PortableTypes.Name(value.GetType()), "The channels of the platform are this process's own: make one by WorkerChannel.Create, whose sides cross.");
        channels.Write(ref writer, value is null ? null : ChannelOf(value));
    }

    public sealed override TSide? Read(ref PayloadReader reader) => channels.Read(ref reader) is { } channel ? SideOf(channel) : null;

    private protected abstract WorkerChannel<T>? ChannelOf(TSide side);

    private protected abstract TSide SideOf(WorkerChannel<T> channel);
}

/// <summary>To read from.</summary>
internal sealed class ChannelReaderCodec<TSide, T> : ChannelSideCodec<TSide, T>
    where TSide : ChannelReader<T>
{
    private protected override WorkerChannel<T>? ChannelOf(TSide side) => (side as WorkerChannelReader<T>)?.Channel;

    private protected override TSide SideOf(WorkerChannel<T> channel) => (TSide)(ChannelReader<T>)channel.Reader;
}

/// <summary>To write to.</summary>
internal sealed class ChannelWriterCodec<TSide, T> : ChannelSideCodec<TSide, T>
    where TSide : ChannelWriter<T>
{
    private protected override WorkerChannel<T>? ChannelOf(TSide side) => (side as WorkerChannelWriter<T>)?.Channel;

    private protected override TSide SideOf(WorkerChannel<T> channel)
    {
        channel.Writer.WillWrite();
        return (TSide)(ChannelWriter<T>)channel.Writer;
    }
}

/// <summary>Which types are sides of channels.</summary>
internal static class ChannelSides
{
    /// <summary>The codec's definition for the type; null if it is none. Its arguments are the type and that of the items.</summary>
    public static Type? CodecOf(Type type)
    {
        if (!type.IsGenericType)
            return null;
        Type definition = type.GetGenericTypeDefinition();
        return definition == typeof(ChannelReader<>) || definition == typeof(WorkerChannelReader<>) ? typeof(ChannelReaderCodec<,>)
            : definition == typeof(ChannelWriter<>) || definition == typeof(WorkerChannelWriter<>) ? typeof(ChannelWriterCodec<,>)
            : null;
    }
}
