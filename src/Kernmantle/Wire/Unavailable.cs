using Kernmantle.Wire.Bytes;

namespace Kernmantle.Wire;

/// <summary>A <see cref="FrameKind.Unavailable"/> body: why the worker could not find the function's code.</summary>
internal readonly record struct Unavailable(FunctionUnavailableReason Reason, string? AssemblyName, string Detail)
{
    public void Write(ref PayloadWriter writer)
    {
        writer.WriteByte((byte)Reason);
        writer.WriteString(AssemblyName);
        writer.WriteString(Detail);
    }

    /// <exception cref="InvalidPayloadException">No worker writes this.</exception>
    public static Unavailable Read(ref PayloadReader reader)
    {
        var reason = (FunctionUnavailableReason)reader.ReadByte();
        return Enum.IsDefined(reason)
            ? new(reason, reader.ReadString(), reader.ReadString() ?? "")
            : throw new InvalidPayloadException($"An unknown reason {(int)reason}.");
    }
}
