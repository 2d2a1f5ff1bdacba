using System.Buffers;
using System.Security.Cryptography;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Channels.Log;

/// <summary>
/// An append-only log of items, and how far it has been read: README.md in this folder says what lies where. The host opens it by its path, for itself and its workers alone; a worker is handed both descriptors. One party at a
/// time appends, one at a time moves the position (the channel has a lock for either), any number read: a <see cref="LogReader"/> each.
/// </summary>
internal sealed class ChannelLog : IDisposable
{
    /// <summary>Where the first record begins.</summary>
    public const long First = LogHeader.End;

    private readonly string path;
    private readonly LogOptions options;
    private readonly long salt;
    private readonly LogSlots flushed, position;
    private long givenBack = First;

    private ChannelLog(SafeFileHandle log, SafeFileHandle position, string path, long salt, LogOptions options)
    {
        (Log, Position, this.path, this.salt, this.options) = (log, position, path, salt, options);
        flushed = new(log, path, salt);
        this.position = new(position, PositionPath(path), salt);
    }

    /// <summary>Of the threads of this process one at a time appends: the file's own lock is the process's.</summary>
    public Lock Appending { get; } = new();

    /// <summary>For workers: the log.</summary>
    public SafeFileHandle Log { get; }

    /// <summary>For workers: how far it has been read.</summary>
    public SafeFileHandle Position { get; }

    /// <summary>By the host: opens the log, or makes a new one, which is on the disk when this returns. Nobody else can open it so before it is disposed of; if this process is killed, before its workers have ended.</summary>
    /// <param name="path">The log; its position lies beside it.</param>
    /// <param name="items">The type of the items: a log of others is refused.</param>
    /// <param name="options">Null for the usual ones.</param>
    /// <exception cref="ChannelFileException">It is in use, or another kind of file, or holds other items, or is damaged.</exception>
    /// <exception cref="IOException">The system refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static ChannelLog Open(string path, string items, LogOptions? options = null)
    {
        path = Path.GetFullPath(path);
        SafeFileHandle log = OpenAlone(path);
        SafeFileHandle? position = null;
        try
        {
            position = File.OpenHandle(PositionPath(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            return new(log, position, path, Check(log, position, path, items), options ?? LogOptions.Default);
        }
        catch
        {
            position?.Dispose();
            log.Dispose();
            throw;
        }
    }

    /// <summary>By a worker: of the descriptors that its host has, which are this object's from now on. If it throws they are not.</summary>
    /// <param name="log">The log.</param>
    /// <param name="position">How far it has been read.</param>
    /// <param name="path">For messages.</param>
    /// <param name="options">As those of the host.</param>
    /// <exception cref="ChannelFileException">They are none of a log.</exception>
    public static ChannelLog Of(SafeFileHandle log, SafeFileHandle position, string path, LogOptions? options = null) =>
        LogHeader.Read(log, path, LogHeader.File.Log) is { } header
            ? new(log, position, path, header.Salt, options ?? LogOptions.Default)
            : throw new ChannelFileException($"\"{path}\" is no log of a channel yet: it is made by the process that opens it.", path);

    public LogReader NewReader() => new(Log, path, salt, options.LongestItem);

    /// <summary>Writes a record at the end. It is no part of the log before others are told the new end, which is returned.</summary>
    /// <param name="item">Its content.</param>
    /// <param name="end">Of the records before.</param>
    /// <exception cref="ArgumentException">The item is longer than was allowed.</exception>
    /// <exception cref="ChannelFileException">The disk is full, or failed. The end is where it was.</exception>
    public long Append(ReadOnlySpan<byte> item, long end)
    {
        if (item.Length > options.LongestItem)
            throw new ArgumentException($"The item has {item.Length} bytes, and at most {options.LongestItem} are allowed in this channel.", nameof(item));
        CheckPlace(end);
        int size = (int)LogRecord.SizeOf(item.Length);
        byte[] space = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            LogRecord.Write(space.AsSpan(0, size), salt, end, item);
            RandomAccess.Write(Log, space.AsSpan(0, size), end);
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)   // as the platform says that the file would be larger than it may
        {
            Cut(end);
            throw new ChannelFileException($"An item of {item.Length} bytes could not be written to \"{path}\": {e.Message} What was written before is there; make room, and write again.", path, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(space);
        }
        return end + size;
    }

    /// <summary>
    /// By who has the lock for appending, when the end is not known, or who had it before may have ended amid an append: goes over the records from there, cuts off what was not completely written behind them, and returns the end.
    /// </summary>
    /// <param name="from">Where a record begins, or the end.</param>
    /// <exception cref="ChannelFileDamagedException">It is no torn end: README.md says how they are told apart. Or the file ends before <paramref name="from"/>.</exception>
    public long FindEnd(long from)
    {
        CheckPlace(from);
        long length = RandomAccess.GetLength(Log);
        return from <= length ? FindEnd(from, length) : throw NewReader().Damaged(Math.Max(First, length & -LogRecord.Alignment), from);
    }

    private long FindEnd(long from, long length)
    {
        LogReader reader = NewReader();
        long end = from;
        while (reader.TrySkip(end, length, out long next))
            end = next;
        if (end < flushed.Load() || reader.FindNext(end, length) is not null)
            throw reader.Damaged(end, length);
        Cut(end);
        return end;
    }

    /// <summary>By the host, before anybody uses the log: the end. What lies before the position, and before the end as it was flushed, is not looked at.</summary>
    /// <exception cref="ChannelFileDamagedException">It is no torn end: README.md says how they are told apart.</exception>
    public long FindEnd()
    {
        long length = RandomAccess.GetLength(Log);
        long from = Math.Max(LoadPosition(), Math.Min(flushed.Load(), length & -LogRecord.Alignment));
        CheckPlace(from);
        return FindEnd(from, length);
    }

    /// <summary>By who has the lock for appending: gives up what lies behind <paramref name="end"/>.</summary>
    public void Cut(long end)
    {
        if (end < RandomAccess.GetLength(Log))
            RandomAccess.SetLength(Log, end);
    }

    /// <summary>By who has the lock for appending: returns when the disk has all up to there.</summary>
    /// <exception cref="IOException">The disk failed. What was written since the flush before may be lost.</exception>
    public void Flush(long end)
    {
        CheckPlace(end);
        DurableFile.FlushData(Log);
        flushed.Save(end);
    }

    /// <summary>Where the next record to be read begins.</summary>
    /// <exception cref="ChannelFileDamagedException">The file of the position is damaged.</exception>
    public long LoadPosition() => position.Load();

    /// <summary>By who has the lock for reading, whose process may end at any moment: afterwards it is either this, or what was there before.</summary>
    /// <param name="next">Where a record begins, or the end.</param>
    public void SavePosition(long next)
    {
        CheckPlace(next);
        position.Save(next);
    }

    /// <summary>Returns when the disk has the position that was saved last.</summary>
    /// <exception cref="IOException">The disk failed. The position may be lost.</exception>
    public void FlushPosition() => DurableFile.FlushData(Position);

    /// <summary>Gives the disk back what lies before a position that was saved, if it is much, and may go. To be called without a lock: it waits for the disk.</summary>
    /// <exception cref="IOException">The disk failed. Nothing is lost.</exception>
    public void GiveBack(long saved)
    {
        long before = Volatile.Read(ref givenBack);
        if (options.KeepsAll || saved - before < options.GiveBackStep)
            return;
        CheckPlace(saved);
        FlushPosition();
        long whole = saved & -LogHeader.Size;
        bool isGiven = DurableFile.TryPunchHole(Log, before, whole - before);
        Volatile.Write(ref givenBack, isGiven ? whole : long.MaxValue);
    }

    public void Dispose()
    {
        Position.Dispose();
        Log.Dispose();
    }

    private static string PositionPath(string path) => path + ".position";

    private static SafeFileHandle OpenAlone(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            throw new ChannelFileException($"\"{path}\" is in use by another process, or by another channel of this one: wait until that has ended, or name another file. {e.Message}", path, e);
        }
    }

    /// <summary>That the files are what they should be, which they are if they are new. Returns the salt.</summary>
    private static long Check(SafeFileHandle log, SafeFileHandle position, string path, string items)
    {
        LogHeader? found = LogHeader.Read(log, path, LogHeader.File.Log);
        LogHeader wanted = LogHeader.Of(LogHeader.File.Log, found?.Salt ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))), items);
        if (found is not null && !found.HoldsSameAs(wanted))
            throw new ChannelFileException($"\"{path}\" holds items of the type {found.Items}, and not {wanted.Items}: read it as those, or name another file.", path);
        CheckPosition(position, PositionPath(path), wanted with { Kind = LogHeader.File.Position }, isLogNew: found is null);
        if (found is null)
        {
            wanted.Create(log, First);
            DurableFile.FlushFolderOf(path);
        }
        return wanted.Salt;
    }

    /// <summary>A position is of use with its log only: that of one that is gone is written anew.</summary>
    private static void CheckPosition(SafeFileHandle position, string path, LogHeader wanted, bool isLogNew)
    {
        LogHeader? found = LogHeader.Read(position, path, LogHeader.File.Position);
        if (found is null || (isLogNew && found.Salt != wanted.Salt))
            wanted.Create(position, First);
        else if (found.Salt != wanted.Salt)
            throw new ChannelFileException($"\"{path}\" tells how far another log has been read than the one beside it: put the right one there, or move it away to read the log from its begin.", path);
    }

    /// <summary>The number may come from memory that others write.</summary>
    private void CheckPlace(long place)
    {
        if (place < First || place % LogRecord.Alignment != 0)
            throw new ChannelFileException($"No record of \"{path}\" can begin at {place}: somebody else has written to the memory of the channel.", path);
    }
}
