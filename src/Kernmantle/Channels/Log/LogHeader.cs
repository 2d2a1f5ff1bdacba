using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Channels.Log;

/// <summary>The first page of either file: what it is, and of what.</summary>
/// <param name="Kind">Which of the two files.</param>
/// <param name="Salt">Of chance, one for each log: its records and slots are no other log's.</param>
/// <param name="Items">The type of the items, or as much of its name as there is room for.</param>
/// <param name="ItemsHash">Of all of the name.</param>
internal sealed record LogHeader(LogHeader.File Kind, long Salt, string Items, ReadOnlyMemory<byte> ItemsHash)
{
    /// <summary>A page of the disk, and of memory.</summary>
    public const int Size = 4096;

    /// <summary>Where what follows the slots begins.</summary>
    public const int End = 3 * Size;

    private const int Version = 1;
    private const int CheckAt = 12, SaltAt = 16, HashAt = 24, ItemsLengthAt = HashAt + SHA256.HashSizeInBytes, ItemsAt = ItemsLengthAt + 2, MostOfItems = 1024;

    /// <summary>Which of the two files; the number is its magic.</summary>
    public enum File : ulong
    {
        Log = 0x0A676F4C_6E72654B,        // "KernLog\n"
        Position = 0x0A736F50_6E72654B,   // "KernPos\n"
    }

    public static LogHeader Of(File kind, long salt, string items)
    {
        byte[] name = Encoding.UTF8.GetBytes(items);
        return new(kind, salt, name.Length <= MostOfItems ? items : Encoding.UTF8.GetString(name.AsSpan(0, MostOfItems)).TrimEnd('\uFFFD') + '…', SHA256.HashData(name));
    }

    /// <summary>Makes a new file: this, and slots that say <paramref name="value"/>. Returns when the disk has it.</summary>
    public void Create(SafeFileHandle file, long value)
    {
        byte[] bytes = new byte[End];
        Span<byte> page = bytes.AsSpan(0, Size);
        BinaryPrimitives.WriteUInt64LittleEndian(page, (ulong)Kind);
        BinaryPrimitives.WriteInt32LittleEndian(page[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(page[SaltAt..], Salt);
        ItemsHash.Span.CopyTo(page[HashAt..]);
        int length = Encoding.UTF8.GetBytes(Items, page[ItemsAt..]);
        BinaryPrimitives.WriteUInt16LittleEndian(page[ItemsLengthAt..], (ushort)length);
        BinaryPrimitives.WriteUInt32LittleEndian(page[CheckAt..], LogChecksum.Of(LogChecksum.Start, page));
        LogSlots.Write(bytes.AsSpan(Size), 1, value, Salt);
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Null: nothing has been written to the file yet, or not all of what <see cref="Create"/> writes.</summary>
    /// <exception cref="ChannelFileException">It is another kind of file, or of another version, or it is damaged.</exception>
    public static LogHeader? Read(SafeFileHandle file, string path, File kind)
    {
        byte[] page = new byte[Size];
        int length = RandomAccess.Read(file, page, 0);
        ulong magic = BinaryPrimitives.ReadUInt64LittleEndian(page);
        if (RandomAccess.GetLength(file) < End && (magic == (ulong)kind || !page.AsSpan().ContainsAnyExcept((byte)0)))
            return null;
        if (length < Size || magic != (ulong)kind)
            throw new ChannelFileException($"\"{path}\" is no {(kind == File.Log ? "log" : "position")} of a channel: name another file for the channel, or move this one away.", path);
        int version = BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(8));
        if (version != Version)
            throw new ChannelFileException($"\"{path}\" has the format {version}, and this version of the library knows {Version}: read it with the version that wrote it.", path);
        uint check = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(CheckAt));
        page.AsSpan(CheckAt, sizeof(uint)).Clear();
        if (check != LogChecksum.Of(LogChecksum.Start, page))
            throw new ChannelFileDamagedException($"The header of \"{path}\" is damaged: restore both files of the channel from a backup, or move them away.", path, 0, null);
        string items = Encoding.UTF8.GetString(page, ItemsAt, Math.Min((int)BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(ItemsLengthAt)), Size - ItemsAt));
        return new(kind, BinaryPrimitives.ReadInt64LittleEndian(page.AsSpan(SaltAt)), items, page.AsMemory(HashAt, SHA256.HashSizeInBytes));
    }

    public bool HoldsSameAs(LogHeader other) => ItemsHash.Span.SequenceEqual(other.ItemsHash.Span);
}
