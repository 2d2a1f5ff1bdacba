using System.IO.MemoryMappedFiles;
using Kernmantle.Tool.Lab.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>Two named pipes, one for each direction.</summary>
internal sealed class PipeWire(string there, string back, bool isHost) : Wire
{
    private readonly Fifo outgoing = new(isHost ? there : back), incoming = new(isHost ? back : there);
    private readonly byte[] one = new byte[1];

    public override bool Flows => true;

    public override void Send(ReadOnlyMemory<byte> message) => outgoing.Write(message.Span);

    public override void Receive(Memory<byte> message) => incoming.Read(message.Span);

    public override void SendAnswer(byte answer)
    {
        one[0] = answer;
        outgoing.Write(one);
    }

    public override byte ReceiveAnswer()
    {
        incoming.Read(one);
        return one[0];
    }

    public override void Dispose()
    {
        outgoing.Dispose();
        incoming.Dispose();
    }
}

/// <summary>
/// A file that one writes and the other reads: first the message, then its number. Nothing tells the reader that a file was written, so it
/// looks again and again, and gives its core up between two looks.
/// </summary>
internal sealed class FileWire(string path) : Wire
{
    private const int NumberBytes = 8, AnswerAt = 8, MessageAt = 32;
    private readonly SafeFileHandle file = System.IO.File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
    private readonly byte[] number = new byte[NumberBytes], answer = new byte[NumberBytes + 1];
    private long messages, answers;

    public override void Send(ReadOnlyMemory<byte> message)
    {
        RandomAccess.Write(file, message.Span, MessageAt);
        BitConverter.TryWriteBytes(number, ++messages);
        RandomAccess.Write(file, number, 0);
    }

    public override void Receive(Memory<byte> message)
    {
        messages++;
        Looking.Until(() => RandomAccess.Read(file, number, 0) == NumberBytes && BitConverter.ToInt64(number) == messages);
        for (int at = 0; at < message.Length;)
            at += RandomAccess.Read(file, message.Span[at..], MessageAt + at);
    }

    public override void SendAnswer(byte value)
    {
        BitConverter.TryWriteBytes(answer, ++answers);
        answer[NumberBytes] = value;
        RandomAccess.Write(file, answer, AnswerAt);
    }

    public override byte ReceiveAnswer()
    {
        answers++;
        Looking.Until(() => RandomAccess.Read(file, answer, AnswerAt) == answer.Length && BitConverter.ToInt64(answer) == answers);
        return answer[NumberBytes];
    }

    public override void Dispose() => file.Dispose();
}

/// <summary>Memory that both have mapped: the message is copied in and out, and two numbers say how far each side is.</summary>
internal sealed unsafe class SharedMemoryWire : Wire
{
    private const int AnswersAt = 64, AnswerAt = 72, MessageAt = 128;
    private readonly MemoryMappedFile mapping;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;
    private long messages, answers;

    public SharedMemoryWire(string path, int largest)
    {
        mapping = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, MessageAt + largest);
        view = mapping.CreateViewAccessor();
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public override void Send(ReadOnlyMemory<byte> message)
    {
        message.Span.CopyTo(new(start + MessageAt, message.Length));
        Volatile.Write(ref *(long*)start, ++messages);
    }

    public override void Receive(Memory<byte> message)
    {
        messages++;
        Looking.Until(() => Volatile.Read(ref *(long*)start) == messages);
        new ReadOnlySpan<byte>(start + MessageAt, message.Length).CopyTo(message.Span);
    }

    public override void SendAnswer(byte answer)
    {
        start[AnswerAt] = answer;
        Volatile.Write(ref *(long*)(start + AnswersAt), ++answers);
    }

    public override byte ReceiveAnswer()
    {
        answers++;
        Looking.Until(() => Volatile.Read(ref *(long*)(start + AnswersAt)) == answers);
        return start[AnswerAt];
    }

    public override void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        mapping.Dispose();
    }
}
