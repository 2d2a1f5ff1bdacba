using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Channels.Log;

/// <summary>
/// Reads records, and finds those that are none. It reads ahead, never behind the end that it was told, and what lies before that does not change. Not thread-safe.
/// </summary>
/// <param name="file">The log.</param>
/// <param name="path">For messages.</param>
/// <param name="salt">The log's.</param>
/// <param name="longest">In bytes: a longer item is not read.</param>
internal sealed class LogReader(SafeFileHandle file, string path, long salt, int longest)
{
    private const int Ahead = 256 << 10;

    private byte[] window = new byte[Ahead];
    private long start;
    private int filled;

    /// <summary>Reads the record there. False: that is the end.</summary>
    /// <param name="position">Where it begins.</param>
    /// <param name="end">Of what has been written.</param>
    /// <param name="item">It stays as it is until the next call.</param>
    /// <param name="next">Where the record behind it begins.</param>
    /// <exception cref="ChannelFileDamagedException">There is no record, although it is not the end.</exception>
    /// <exception cref="ChannelFileException">The item is longer than was allowed.</exception>
    public bool TryRead(long position, long end, out ReadOnlySpan<byte> item, out long next)
    {
        item = default;
        next = position;
        if (position == end)
            return false;
        if (HeadAt(position, end) is not { } record)
            throw Damaged(position, end);
        if (record.Length > longest)
            throw new ChannelFileException($"The item at {position} of \"{path}\" has {record.Length} bytes, and at most {longest} are allowed here: allow as many as when it was written.", path);
        ReadOnlySpan<byte> whole = Look(position, (int)record.WholeSize, end);
        if (whole.Length == 0 || !IsContent(record, whole.Slice(LogRecord.HeadSize, record.Length)))
            throw Damaged(position, end);
        item = whole.Slice(LogRecord.HeadSize, record.Length);
        next = position + record.WholeSize;
        return true;
    }

    /// <summary>Goes over the record there, whatever its length. False: there is none.</summary>
    public bool TrySkip(long position, long end, out long next)
    {
        next = position;
        if (HeadAt(position, end) is not { } record)
            return false;
        uint check = record.Check;
        for (int done = 0; done < record.Length;)
        {
            ReadOnlySpan<byte> part = Look(position + LogRecord.HeadSize + done, Math.Min(Ahead, record.Length - done), end);
            if (part.Length == 0)
                return false;
            check = LogChecksum.Of(check, part);
            done += part.Length;
        }
        if (check != record.ContentCheck)
            return false;
        next = position + record.WholeSize;
        return true;
    }

    /// <summary>What is to be said of a place where there is no record although there should be.</summary>
    public ChannelFileDamagedException Damaged(long position, long end)
    {
        long? next = FindNext(position, end);
        string follows = next is null
            ? "No item follows that could be read: restore the file from a backup, or give the channel another one."
            : $"The next item that can be read begins at {next}: go on there to leave out what lies between.";
        return new($"\"{path}\" is damaged at byte {position}: something else than the channel wrote there, or the disk lost it. {follows}", path, position, next);
    }

    /// <summary>Where the first record behind <paramref name="position"/> begins; null if there is none.</summary>
    public long? FindNext(long position, long end)
    {
        long last = Math.Min(end, RandomAccess.GetLength(file)) - LogRecord.HeadSize;   // what others told may be anywhere
        if (position >= last)
            return null;
        for (long at = (Math.Max(position, LogHeader.End - 1) & -LogRecord.Alignment) + LogRecord.Alignment; at <= last; at += LogRecord.Alignment)
        {
            if (at % Ahead == 0)
            {
                // Holes may be larger than any disk.
                if (DurableFile.FindData(file, at) is not { } data)
                    return null;
                at = Math.Max(at, data & -LogRecord.Alignment);
            }
            if (TrySkip(at, last + LogRecord.HeadSize, out _))
                return at;
        }
        return null;
    }

    private static bool IsContent(LogRecord record, ReadOnlySpan<byte> content) => LogChecksum.Of(record.Check, content) == record.ContentCheck;

    private LogRecord? HeadAt(long position, long end)
    {
        ReadOnlySpan<byte> head = Look(position, LogRecord.HeadSize, end);
        LogRecord? record = head.Length == 0 ? null : LogRecord.Read(head, salt, position);
        return record?.WholeSize <= end - position ? record : null;
    }

    /// <summary>So many bytes from there on; none if the file has not so many before <paramref name="end"/>.</summary>
    private ReadOnlySpan<byte> Look(long position, int count, long end)
    {
        if (position < LogHeader.End || count > end - position)
            return default;
        if (position < start || position + count > start + filled)
            Fill(position, count, end);
        int offset = (int)(position - start);
        return offset + count <= filled ? window.AsSpan(offset, count) : default;
    }

    private void Fill(long position, int count, long end)
    {
        if (window.Length < count || (window.Length > Ahead && count <= Ahead))
            window = new byte[Math.Max(count, Ahead)];
        Span<byte> wanted = window.AsSpan(0, (int)Math.Min(window.Length, end - position));
        (start, filled) = (position, 0);
        while (filled < count && RandomAccess.Read(file, wanted[filled..], position + filled) is > 0 and int read)
            filled += read;
    }
}
