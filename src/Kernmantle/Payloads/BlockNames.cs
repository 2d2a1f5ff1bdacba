using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>How the name of memory is written: its id, then its key.</summary>
internal static class BlockNames
{
    /// <summary>As written.</summary>
    public const int Bytes = sizeof(int) + sizeof(long);

    public static void Write(ref PayloadWriter writer, SharedBlock block)
    {
        BlockName name = block.Name;
        writer.WriteInt32(name.Id);
        writer.WriteInt64(name.Key);
    }

    public static BlockName Read(ref PayloadReader reader) => new(reader.ReadInt32(), reader.ReadInt64());
}
