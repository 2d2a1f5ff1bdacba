using System.Buffers.Binary;

namespace Kernmantle.Channels.Log;

/// <summary>The head of a record. A head whose check holds says truly where the next record begins, whatever has become of its content.</summary>
/// <param name="Length">Of the content, in bytes.</param>
/// <param name="Check">Of salt, position and length.</param>
/// <param name="ContentCheck">Of the content, going on from <see cref="Check"/>.</param>
internal readonly record struct LogRecord(int Length, uint Check, uint ContentCheck)
{
    public const int HeadSize = 12;

    /// <summary>Records begin at its multiples.</summary>
    public const int Alignment = 8;

    /// <summary>With head and padding.</summary>
    public long WholeSize => SizeOf(Length);

    public static long SizeOf(int length) => (HeadSize + (long)length + Alignment - 1) & -Alignment;

    /// <summary>Null: there is none.</summary>
    public static LogRecord? Read(ReadOnlySpan<byte> head, long salt, long position)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(head);
        uint check = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return length >= 0 && check == CheckOf(salt, position, length) ? new(length, check, BinaryPrimitives.ReadUInt32LittleEndian(head[8..])) : null;
    }

    /// <param name="space">As long as the whole record.</param>
    /// <param name="salt">The log's.</param>
    /// <param name="position">Where it will lie.</param>
    /// <param name="item">Its content.</param>
    public static void Write(Span<byte> space, long salt, long position, ReadOnlySpan<byte> item)
    {
        uint check = CheckOf(salt, position, item.Length);
        BinaryPrimitives.WriteInt32LittleEndian(space, item.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(space[4..], check);
        BinaryPrimitives.WriteUInt32LittleEndian(space[8..], LogChecksum.Of(check, item));
        item.CopyTo(space[HeadSize..]);
        space[(HeadSize + item.Length)..].Clear();
    }

    private static uint CheckOf(long salt, long position, int length) => LogChecksum.Of(LogChecksum.Of(LogChecksum.Of(LogChecksum.Start, salt), position), length);
}
