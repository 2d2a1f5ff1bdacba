using Kernmantle.Wire.Bytes;

namespace Kernmantle.Wire;

/// <summary>What a <see cref="FrameKind.Call"/> body begins with; the payload (captures, then arguments) follows.</summary>
/// <param name="FunctionId">As registered before.</param>
/// <param name="Attempt">1, or more where the call is repeated.</param>
/// <param name="InstanceId">The object the function is called on: the id of the call that created it; 0 for none.</param>
internal readonly record struct CallHeader(int FunctionId, int Attempt, long InstanceId)
{
    public void Write(ref PayloadWriter writer)
    {
        writer.WriteInt32(FunctionId);
        writer.WriteInt32(Attempt);
        writer.WriteInt64(InstanceId);
    }

    public static CallHeader Read(ref PayloadReader reader) =>
        new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64());
}
