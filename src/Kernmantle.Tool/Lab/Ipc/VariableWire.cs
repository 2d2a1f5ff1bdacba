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
    private long messages, answers;

    /// <summary>Two ends of one.</summary>
    public static (Wire, Wire) Pair()
    {
        SharedVariable variable = new();
        return (new VariableWire(variable), new VariableWire(variable));
    }

    public override void Send(ReadOnlyMemory<byte> message)
    {
        variable.Message = message;
        Volatile.Write(ref variable.Messages, ++messages);
    }

    public override void Receive(Memory<byte> message)
    {
        messages++;
        Looking.Until(() => Volatile.Read(ref variable.Messages) == messages);
        Receiver.Look(variable.Message.Span[..message.Length], message.Span);
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
