using System.Threading.Channels;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>A channel there and one back, whatever carries their items. Who waits blocks its thread, as with every other wire: each end is one.</summary>
internal sealed class ChannelWire : Wire
{
    /// <summary>Items that nobody has read; as many as our channels have by themselves.</summary>
    private const int Capacity = 1024;

    private readonly ChannelWriter<ReadOnlyMemory<byte>> messagesTo;
    private readonly ChannelReader<ReadOnlyMemory<byte>> messages;
    private readonly ChannelWriter<byte> answersTo;
    private readonly ChannelReader<byte> answers;
    private readonly IDisposable[] channels;

    public ChannelWire(WorkerChannel<ReadOnlyMemory<byte>> there, WorkerChannel<byte> back)
        : this(there.Writer, there.Reader, back.Writer, back.Reader, there, back)
    {
    }

    private ChannelWire(
        ChannelWriter<ReadOnlyMemory<byte>> messagesTo, ChannelReader<ReadOnlyMemory<byte>> messages, ChannelWriter<byte> answersTo, ChannelReader<byte> answers, params IDisposable[] channels)
    {
        this.messagesTo = messagesTo;
        this.messages = messages;
        this.answersTo = answersTo;
        this.answers = answers;
        this.channels = channels;
    }

    /// <summary>What both ends are made of: one line of code for all of them, but for the option.</summary>
    /// <param name="path">Of its files, where it has some.</param>
    public static (WorkerChannel<ReadOnlyMemory<byte>> There, WorkerChannel<byte> Back) Make(WireKind kind, string path)
    {
        WorkerChannelOptions Options(string file) => kind switch
        {
            WireKind.SharedMemoryChannel => new() { Transport = ChannelTransport.SharedMemory },
            WireKind.PipeChannel => new() { Transport = ChannelTransport.Pipe },
            WireKind.UnixSocketChannel => new() { Transport = ChannelTransport.UnixSocket },
            _ => new() { Transport = ChannelTransport.File, Path = file },
        };
        return (WorkerChannel.Create<ReadOnlyMemory<byte>>(Options(path)), WorkerChannel.Create<byte>(Options(path + "-answers")));
    }

    /// <summary>Two ends of the platform's.</summary>
    public static (Wire, Wire) Pair()
    {
        BoundedChannelOptions options = new(Capacity) { SingleReader = true, SingleWriter = true };
        Channel<ReadOnlyMemory<byte>> there = Channel.CreateBounded<ReadOnlyMemory<byte>>(options);
        Channel<byte> back = Channel.CreateBounded<byte>(options);
        ChannelWire both = new(there.Writer, there.Reader, back.Writer, back.Reader);
        return (both, both);
    }

    public override bool Flows => true;

    public override void Send(ReadOnlyMemory<byte> message) => Wait(messagesTo.WriteAsync(message));

    public override void Receive(Memory<byte> message) => Receiver.Look(Wait(messages.ReadAsync()).Span, message.Span);

    public override void SendAnswer(byte answer) => Wait(answersTo.WriteAsync(answer));

    public override byte ReceiveAnswer() => Wait(answers.ReadAsync());

    /// <summary>In the process that made them; in a worker it does nothing.</summary>
    public override void Dispose()
    {
        foreach (IDisposable channel in channels)
            channel.Dispose();
    }

    private static void Wait(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
            task.AsTask().GetAwaiter().GetResult();
    }

    private static T Wait<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();
}
