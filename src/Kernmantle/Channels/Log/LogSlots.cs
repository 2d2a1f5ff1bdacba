using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Channels.Log;

/// <summary>
/// A number that is written again and again, and is there whatever happens meanwhile: two slots, the older of which is written. Several processes may use it, one at a time.
/// </summary>
/// <param name="file">Where they are, behind the header.</param>
/// <param name="path">For messages.</param>
/// <param name="salt">The log's.</param>
internal sealed class LogSlots(SafeFileHandle file, string path, long salt)
{
    /// <summary>On the disk they are apart: who writes one cannot tear the other.</summary>
    private const int Distance = LogHeader.Size, Size = 24;

    /// <exception cref="ChannelFileDamagedException">Neither slot is readable.</exception>
    public long Load() => Latest().Value;

    public void Save(long value)
    {
        (long sequence, _, int slot) = Latest();
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes, sequence + 1, value, salt);
        RandomAccess.Write(file, bytes, OffsetOf(1 - slot));
    }

    /// <summary>The first one, for a new file.</summary>
    public static void Write(Span<byte> slot, long sequence, long value, long salt)
    {
        BinaryPrimitives.WriteInt64LittleEndian(slot, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(slot[8..], value);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[16..], CheckOf(sequence, value, salt));
    }

    private (long Sequence, long Value, int Slot) Latest()
    {
        (long Sequence, long Value)? first = Read(0), second = Read(1);
        if (first is null && second is null)
            throw new ChannelFileDamagedException($"What \"{path}\" says of how far the log was written or read is damaged: restore both files of the channel from a backup, or move them away.", path, OffsetOf(0), null);
        return first is { } a && !(second?.Sequence > a.Sequence) ? (a.Sequence, a.Value, 0) : (second!.Value.Sequence, second.Value.Value, 1);
    }

    private (long Sequence, long Value)? Read(int slot)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (RandomAccess.Read(file, bytes, OffsetOf(slot)) != Size)
            return null;
        long sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes), value = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) == CheckOf(sequence, value, salt) ? (sequence, value) : null;
    }

    private static long OffsetOf(int slot) => LogHeader.Size + ((long)slot * Distance);

    private static uint CheckOf(long sequence, long value, long salt) => LogChecksum.Of(LogChecksum.Of(LogChecksum.Of(LogChecksum.Start, salt), sequence), value);
}
