using Kernmantle.Wire.Bytes;

namespace Kernmantle.Wire;

/// <summary>The host's first frame: who the worker is, and what it may do. An initializer's descriptor and payload follow it in the same body.</summary>
/// <param name="WorkerName">The worker's name.</param>
/// <param name="WorkerId">Unique in the host.</param>
/// <param name="MaxPayload">The most bytes a result or item may take.</param>
/// <param name="StreamWindow">How many items of a stream may be under way, in units of <see cref="Kernmantle.Wire.Shared.StreamCredit.CostOf"/>.</param>
/// <param name="FrameWindow">The same where they go as frames, and all count alike.</param>
/// <param name="Flags"><see cref="Protocol.WaitForDebugger"/>, <see cref="Protocol.HasInitializer"/>, <see cref="Protocol.DropsLog"/>.</param>
internal sealed record Hello(string WorkerName, int WorkerId, long MaxPayload, int StreamWindow, int FrameWindow, byte Flags)
{
    public bool WaitForDebugger => (Flags & Protocol.WaitForDebugger) != 0;

    public bool DropsLog => (Flags & Protocol.DropsLog) != 0;

    public bool HasInitializer => (Flags & Protocol.HasInitializer) != 0;

    public void Write(ref PayloadWriter writer)
    {
        writer.WriteInt32(Protocol.Version);
        writer.WriteString(WorkerName);
        writer.WriteInt32(WorkerId);
        writer.WriteInt64(MaxPayload);
        writer.WriteInt32(StreamWindow);
        writer.WriteInt32(FrameWindow);
        writer.WriteByte(Flags);
        writer.WriteGuid(Protocol.CoreModule);
    }

    /// <exception cref="ProtocolViolationException">The host is another build of this library.</exception>
    public static Hello Read(ref PayloadReader reader)
    {
        int version = reader.ReadInt32();
        if (version != Protocol.Version)
            CheckPeer("host", version, default);   // the rest may have another layout in another version
        var hello = new Hello(
            reader.ReadString() ?? throw new InvalidPayloadException("A worker without a name."),
            reader.ReadInt32(),
            reader.ReadInt64(),
            reader.ReadInt32(),
            reader.ReadInt32(),
            reader.ReadByte());
        CheckPeer("host", version, reader.ReadGuid());
        return hello;
    }

    public static void CheckPeer(string peer, int version, Guid coreModule)
    {
        if (version != Protocol.Version || coreModule != Protocol.CoreModule)
        {
            throw new ProtocolViolationException(
                $"The {peer} uses another build of Kernmantle (protocol {version}, module {coreModule}) than this process (protocol {Protocol.Version}, module {Protocol.CoreModule}): " +
                "its file changed while the program ran. Restart the program.");
        }
    }
}
