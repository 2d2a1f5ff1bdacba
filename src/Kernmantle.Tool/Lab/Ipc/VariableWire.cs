namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>The variable that two threads share: a message is the reference to its bytes, nothing is copied.</summary>
internal sealed class SharedVariable
{
    public long Messages;
    public long Answers;
    public byte Answer;
    public ReadOnlyMemory<byte> Message;
}

/// <summary>One thread's end of a shared variable.</summary>
internal sealed class VariableWire(SharedVariable variable) : Wire
{
    private const int LineBytes = 64;
    private long messages, answers;

    public override void Send(ReadOnlyMemory<byte> message)
    {
        variable.Message = message;
        Volatile.Write(ref variable.Messages, ++messages);
    }

    /// <summary>Reads every cache line where it is, as whoever uses the message would; only the ends are copied, to be checked.</summary>
    public override void Receive(Memory<byte> message)
    {
        messages++;
        Looking.Until(() => Volatile.Read(ref variable.Messages) == messages);
        ReadOnlySpan<byte> bytes = variable.Message.Span[..message.Length];
        byte all = 0;
        for (int at = 0; at < bytes.Length; at += LineBytes)
            all ^= bytes[at];
        message.Span[bytes.Length / 2] = all;   // so that the reading is not left out
        message.Span[0] = bytes[0];
        message.Span[^1] = bytes[^1];
    }

    public override void SendAnswer(byte answer)
    {
        variable.Answer = answer;
        Volatile.Write(ref variable.Answers, ++answers);
    }

    public override byte ReceiveAnswer()
    {
        answers++;
        Looking.Until(() => Volatile.Read(ref variable.Answers) == answers);
        return variable.Answer;
    }

    public override void Dispose()
    {
        // The variable belongs to both.
    }
}
