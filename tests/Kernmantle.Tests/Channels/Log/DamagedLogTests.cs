using System.Buffers.Binary;
using Kernmantle.Channels.Log;

namespace Kernmantle.Tests.Channels.Log;

/// <summary>What is no torn end, and no log, is told, and left as it is.</summary>
public sealed class DamagedLogTests : IDisposable
{
    private readonly LogFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_bad_byte_anywhere_in_the_midst_is_told_with_its_place_and_where_to_go_on()
    {
        const int Bad = 29;
        long begin, next, end;
        using (ChannelLog log = folder.Open())
        {
            begin = LogFolder.Append(log, log.FindEnd(), 10);
            next = LogFolder.Append(log, begin, Bad);
            end = LogFolder.Append(log, next, 30);
        }
        byte[] whole = File.ReadAllBytes(folder.Path);
        for (long at = begin; at < begin + LogRecord.HeadSize + Bad; at++)
        {
            byte[] bytes = [.. whole];
            bytes[at] ^= 0x10;
            File.WriteAllBytes(folder.Path, bytes);
            using ChannelLog log = folder.Open();
            ChannelFileDamagedException found = Assert.Throws<ChannelFileDamagedException>(() => log.FindEnd());
            Assert.Equal((folder.Path, begin, next), (found.Path, found.Offset, found.Next!.Value));
            Assert.Equal(whole.Length, new FileInfo(folder.Path).Length);
            ChannelFileDamagedException read = Assert.Throws<ChannelFileDamagedException>(() => LogFolder.Read(log, ChannelLog.First, end));
            Assert.Equal((begin, next), (read.Offset, read.Next!.Value));
            Assert.Equal([30], LogFolder.Read(log, read.Next.Value, log.FindEnd(read.Next.Value)));
        }
    }

    [Fact]
    public void What_the_disk_was_said_to_have_is_no_torn_end()
    {
        long end;
        using (ChannelLog log = folder.Open())
        {
            end = LogFolder.Append(log, log.FindEnd(), 10, 20);
            log.Flush(end);
            LogFolder.Append(log, end, 30);
            log.Cut(end + 20);   // torn, and not flushed
        }
        using (ChannelLog log = folder.Open())
        {
            Assert.Equal(end, log.FindEnd());
            log.Cut(end - 5);
        }
        using ChannelLog later = folder.Open();
        ChannelFileDamagedException found = Assert.Throws<ChannelFileDamagedException>(() => later.FindEnd());
        Assert.Null(found.Next);
        Assert.Throws<ChannelFileDamagedException>(() => later.FindEnd(ChannelLog.First));
    }

    [Fact]
    public void A_record_at_another_place_is_none()
    {
        long end;
        using (ChannelLog log = folder.Open())
            end = LogFolder.Append(log, log.FindEnd(), 20, 20, 20);
        byte[] bytes = File.ReadAllBytes(folder.Path);
        int size = (int)LogRecord.SizeOf(20), first = (int)ChannelLog.First;
        bytes.AsSpan(first, size).CopyTo(bytes.AsSpan(first + size));
        File.WriteAllBytes(folder.Path, bytes);
        using ChannelLog later = folder.Open();
        Assert.Equal(first + size, Assert.Throws<ChannelFileDamagedException>(() => LogFolder.Read(later, first, end)).Offset);
    }

    [Fact]
    public void A_record_of_another_log_is_none()
    {
        using var other = new LogFolder();
        long end;
        using (ChannelLog log = folder.Open())
            end = LogFolder.Append(log, log.FindEnd(), 20);
        using (ChannelLog log = other.Open())
            LogFolder.Append(log, log.FindEnd(), 20);
        byte[] bytes = File.ReadAllBytes(folder.Path);
        File.ReadAllBytes(other.Path).AsSpan((int)ChannelLog.First).CopyTo(bytes.AsSpan((int)ChannelLog.First));
        File.WriteAllBytes(folder.Path, bytes);
        using ChannelLog later = folder.Open();
        Assert.Throws<ChannelFileDamagedException>(() => LogFolder.Read(later, ChannelLog.First, end));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(1 << 30)]
    public void An_enormous_length_takes_no_memory_even_where_its_check_holds(int length)
    {
        using ChannelLog log = folder.Open(new() { LongestItem = 1000 });
        long end = LogFolder.Append(log, log.FindEnd(), 20);
        byte[] head = new byte[LogRecord.HeadSize];
        RandomAccess.Read(log.Log, head, ChannelLog.First);
        BinaryPrimitives.WriteInt32LittleEndian(head, length);
        RandomAccess.Write(log.Log, head, ChannelLog.First);
        Assert.Throws<ChannelFileDamagedException>(() => LogFolder.Read(log, ChannelLog.First, end));
        Assert.Throws<ChannelFileDamagedException>(() => LogFolder.Read(log, ChannelLog.First, long.MaxValue - 7));

        // By one who knows how, in a file that is as long.
        if (length < 0)
            return;
        WriteHead(log, length);
        RandomAccess.SetLength(log.Log, 1L << 40);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ChannelFileException>(() => LogFolder.Read(log, ChannelLog.First, 1L << 40));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);

    }

    /// <summary>That of a record of zeros, whose check holds.</summary>
    private static void WriteHead(ChannelLog log, int length)
    {
        byte[] head = new byte[LogRecord.HeadSize];
        long salt = LogHeader.Read(log.Log, "", LogHeader.File.Log)!.Salt;
        BinaryPrimitives.WriteInt32LittleEndian(head, length);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), LogChecksum.Of(LogChecksum.Of(LogChecksum.Of(LogChecksum.Start, salt), ChannelLog.First), length));
        RandomAccess.Write(log.Log, head, ChannelLog.First);
    }

    [Fact]
    public void An_item_that_is_longer_than_allowed_is_neither_written_nor_read()
    {
        long end;
        using (ChannelLog log = folder.Open())
            end = LogFolder.Append(log, log.FindEnd(), 1001);
        using ChannelLog strict = folder.Open(new() { LongestItem = 1000 });
        Assert.Throws<ArgumentException>(() => LogFolder.Append(strict, end, 1001));
        ChannelFileException found = Assert.Throws<ChannelFileException>(() => LogFolder.Read(strict, ChannelLog.First, end));
        Assert.Contains("1001 bytes", found.Message, StringComparison.Ordinal);
        Assert.Equal(end, strict.FindEnd());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(4096)]
    [InlineData(ChannelLog.First + 4)]
    [InlineData(long.MinValue)]
    public void A_place_where_no_record_can_begin_is_refused(long place)
    {
        using ChannelLog log = folder.Open();
        Assert.Throws<ChannelFileException>(() => LogFolder.Append(log, place, 1));
        Assert.Throws<ChannelFileException>(() => log.SavePosition(place));
        Assert.Throws<ChannelFileException>(() => log.FindEnd(place));
        Assert.Throws<ChannelFileException>(() => log.Flush(place));
        Assert.Throws<ChannelFileDamagedException>(() => LogFolder.Read(log, place, long.MaxValue));
    }

    [Fact]
    public void A_hole_of_any_size_is_gone_over_at_once()
    {
        using ChannelLog log = folder.Open();
        long end = LogFolder.Append(log, log.FindEnd(), 20);
        RandomAccess.SetLength(log.Log, 1L << 40);
        Assert.Equal(end, log.FindEnd());
    }

    [Theory]
    [InlineData("A text of somebody's.\n")]
    [InlineData("")]
    public void Another_file_is_refused_and_stays_as_it_is(string more)
    {
        string text = "#!/bin/sh\n" + string.Concat(Enumerable.Repeat(more, 1000));
        File.WriteAllText(folder.Path, text);
        ChannelFileException found = Assert.Throws<ChannelFileException>(() => folder.Open());
        Assert.Equal(folder.Path, found.Path);
        Assert.Contains("no log", found.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(folder.Path));
    }

    [Fact]
    public void A_log_of_other_items_is_refused()
    {
        folder.Open().Dispose();
        ChannelFileException found = Assert.Throws<ChannelFileException>(() => ChannelLog.Open(folder.Path, "System.Int32"));
        Assert.Contains(LogFolder.Items, found.Message, StringComparison.Ordinal);
        string longName = new('x', 5000);
        ChannelLog.Open(folder.Path + "2", longName + "a").Dispose();
        ChannelLog.Open(folder.Path + "2", longName + "a").Dispose();
        Assert.Throws<ChannelFileException>(() => ChannelLog.Open(folder.Path + "2", longName + "b"));
    }

    [Theory]
    [InlineData(8, "format 2")]
    [InlineData(30, "header")]
    public void A_header_of_another_version_or_that_is_damaged_is_refused(int offset, string told)
    {
        folder.Open().Dispose();
        byte[] bytes = File.ReadAllBytes(folder.Path);
        bytes[offset] ^= 3;
        File.WriteAllBytes(folder.Path, bytes);
        Assert.Contains(told, Assert.ThrowsAny<ChannelFileException>(() => folder.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_position_in_another_log_is_refused_and_one_that_is_missing_is_the_begin()
    {
        using var other = new LogFolder();
        other.Open().Dispose();
        using (ChannelLog log = folder.Open())
            log.SavePosition(LogFolder.Append(log, log.FindEnd(), 20));
        File.Copy(other.PositionPath, folder.PositionPath, overwrite: true);
        Assert.Equal(folder.PositionPath, Assert.Throws<ChannelFileException>(() => folder.Open()).Path);
        File.Delete(folder.PositionPath);
        using ChannelLog again = folder.Open();
        Assert.Equal([20], LogFolder.Read(again, again.LoadPosition(), again.FindEnd()));
    }

    [Fact]
    public void Slots_that_are_both_damaged_are_told()
    {
        folder.Open().Dispose();
        byte[] bytes = File.ReadAllBytes(folder.PositionPath);
        bytes.AsSpan(4096).Clear();
        File.WriteAllBytes(folder.PositionPath, bytes);
        using ChannelLog log = folder.Open();
        Assert.Equal(folder.PositionPath, Assert.Throws<ChannelFileDamagedException>(() => log.LoadPosition()).Path);
    }

    [Fact]
    public void One_host_at_a_time()
    {
        using (folder.Open())
            Assert.Contains("in use", Assert.Throws<ChannelFileException>(() => folder.Open()).Message, StringComparison.Ordinal);
        folder.Open().Dispose();
    }

    [Fact]
    public void What_is_open_for_reading_only_is_read()
    {
        long end;
        using (ChannelLog log = folder.Open())
            end = LogFolder.Append(log, log.FindEnd(), 20);
        using ChannelLog reading = ChannelLog.Of(File.OpenHandle(folder.Path), File.OpenHandle(folder.PositionPath), folder.Path);
        Assert.Equal([20], LogFolder.Read(reading, reading.LoadPosition(), end));
        Assert.Throws<UnauthorizedAccessException>(() => LogFolder.Append(reading, end, 20));
        Assert.Throws<UnauthorizedAccessException>(() => reading.SavePosition(end));
        Assert.Equal(end, new FileInfo(folder.Path).Length);
    }
}
