using Kernmantle.Channels.Log;

namespace Kernmantle.Tests.Channels.Log;

/// <summary>A record that was not completely written is cut off, wherever it ends, and nothing before it is lost.</summary>
public sealed class TornEndTests : IDisposable
{
    private const int Last = 61;

    private readonly LogFolder folder = new();

    public void Dispose() => folder.Dispose();

    public enum Rest
    {
        Missing,
        Zero,
        Garbage,
        OfAnOlderRecord,
    }

    [Theory]
    [InlineData(Rest.Missing)]
    [InlineData(Rest.Zero)]
    [InlineData(Rest.Garbage)]
    [InlineData(Rest.OfAnOlderRecord)]
    public void An_end_that_was_torn_at_any_byte_is_cut_off(Rest rest)
    {
        byte[] whole;
        int begin;
        using (ChannelLog log = folder.Open())
        {
            begin = (int)LogFolder.Append(log, log.FindEnd(), Last, 100);
            LogFolder.Append(log, begin, Last);
        }
        whole = File.ReadAllBytes(folder.Path);
        int content = begin + LogRecord.HeadSize + Last;
        Assert.InRange(whole.Length, content, content + LogRecord.Alignment - 1);
        var random = new Random(3);
        for (int torn = begin; torn < content; torn++)
        {
            byte[] bytes = rest == Rest.Missing ? whole[..torn] : [.. whole];
            Span<byte> tail = bytes.AsSpan(torn);
            if (rest == Rest.Garbage)
                random.NextBytes(tail);
            else if (rest == Rest.Zero)
                tail.Clear();
            else if (rest == Rest.OfAnOlderRecord)
                whole.AsSpan((int)ChannelLog.First + torn - begin, tail.Length).CopyTo(tail);
            if (rest != Rest.Missing && tail[..(content - torn)].SequenceEqual(whole.AsSpan(torn, content - torn)))
                continue;   // by chance, or since both have the same content: it is whole
            File.WriteAllBytes(folder.Path, bytes);
            using ChannelLog log = folder.Open();
            long end = log.FindEnd();
            Assert.Equal(begin, end);
            Assert.Equal(begin, new FileInfo(folder.Path).Length);
            Assert.Equal([Last, 100, 40], LogFolder.Read(log, ChannelLog.First, LogFolder.Append(log, end, 40)));
        }
    }

    [Fact]
    public void A_large_record_that_was_torn_is_cut_off()
    {
        const int Large = 1_000_000;
        long begin;
        using (ChannelLog log = folder.Open())
        {
            begin = LogFolder.Append(log, log.FindEnd(), Large);
            LogFolder.Append(log, begin, Large);
            log.Cut(begin + (Large / 2));
        }
        using ChannelLog later = folder.Open();
        Assert.Equal(begin, later.FindEnd());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_advance_of_the_position_that_was_torn_leaves_the_one_before(int slot)
    {
        const int Page = 4096, Size = 20;
        using ChannelLog log = folder.Open();
        for (int i = 0; i <= slot; i++)
            log.SavePosition(ChannelLog.First + (i * 8));
        byte[] before = File.ReadAllBytes(folder.PositionPath);
        log.SavePosition(ChannelLog.First + 800);
        byte[] after = File.ReadAllBytes(folder.PositionPath);
        int written = before.AsSpan(Page, Page).SequenceEqual(after.AsSpan(Page, Page)) ? 2 * Page : Page;
        for (int torn = 1; torn < Size; torn++)
        {
            byte[] bytes = [.. after];
            if (before.Length >= written + Size)
                before.AsSpan(written + torn, Size - torn).CopyTo(bytes.AsSpan(written + torn));
            else
                bytes.AsSpan(written + torn).Clear();
            if (bytes.AsSpan().SequenceEqual(after))
                continue;   // what was not written is as before
            WriteInPlace(bytes);
            Assert.Equal(ChannelLog.First + (slot * 8), log.LoadPosition());
        }
        WriteInPlace(after);
        Assert.Equal(ChannelLog.First + 800, log.LoadPosition());

        void WriteInPlace(byte[] bytes) => RandomAccess.Write(log.Position, bytes, 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(4096)]
    [InlineData(9000)]
    public void A_log_that_was_torn_while_it_was_made_is_made_anew(int length)
    {
        folder.Open().Dispose();
        using (FileStream file = File.OpenWrite(folder.Path))
            file.SetLength(length);
        if (length == 5)
            File.WriteAllBytes(folder.Path, new byte[5]);
        using ChannelLog log = folder.Open();
        Assert.Equal([9], LogFolder.Read(log, log.LoadPosition(), LogFolder.Append(log, log.FindEnd(), 9)));
    }
}
