using Kernmantle.Wire.Bytes;

namespace Kernmantle.Wire;

/// <summary>The worker's answer to <see cref="Hello"/>: it takes calls.</summary>
internal readonly record struct Ready(int ProcessId)
{
    public void Write(ref PayloadWriter writer)
    {
        writer.WriteInt32(Protocol.Version);
        writer.WriteInt32(ProcessId);
        writer.WriteGuid(Protocol.CoreModule);
    }

    /// <exception cref="ProtocolViolationException">The worker is another build of this library.</exception>
    public static Ready Read(ref PayloadReader reader)
    {
        int version = reader.ReadInt32();
        int processId = reader.ReadInt32();
        Hello.CheckPeer("worker", version, reader.ReadGuid());
        return new(processId);
    }
}
