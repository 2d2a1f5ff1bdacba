using Kernmantle.Channels.Log;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Tests.Channels.Log;

/// <summary>What is written is read, now and by a later process, and only that.</summary>
public sealed class LogTests : IDisposable
{
    private const int Large = 3_000_001;

    private readonly LogFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Items_of_all_lengths_come_back_in_order()
    {
        int[] lengths = [.. Enumerable.Range(0, 40), 4096, 65536, 262_131, 262_132, 262_133, 262_144, Large, 7];
        using ChannelLog log = folder.Open();
        long end = LogFolder.Append(log, log.FindEnd(), lengths);
        Assert.Equal(lengths, LogFolder.Read(log, ChannelLog.First, end));
    }

    [Fact]
    public void A_later_one_reads_on_from_where_the_reader_stopped()
    {
        long end;
        using (ChannelLog log = folder.Open())
        {
            Assert.Equal(ChannelLog.First, log.LoadPosition());
            end = LogFolder.Append(log, log.FindEnd(), 10, 20, 30);
            Assert.True(log.NewReader().TryRead(log.LoadPosition(), end, out _, out long next));
            log.SavePosition(next);
        }
        using ChannelLog later = folder.Open();
        Assert.Equal(end, later.FindEnd());
        Assert.Equal([20, 30], LogFolder.Read(later, later.LoadPosition(), end));
    }

    [Fact]
    public void Nobody_reads_behind_the_end_that_was_told()
    {
        using ChannelLog log = folder.Open();
        long told = LogFolder.Append(log, log.FindEnd(), 10);
        long end = LogFolder.Append(log, told, 20);
        Assert.Equal([10], LogFolder.Read(log, ChannelLog.First, told));
        Assert.Equal([20], LogFolder.Read(log, told, end));
    }

    [Fact]
    public void The_position_may_be_saved_again_and_again()
    {
        using ChannelLog log = folder.Open();
        for (int i = 1; i <= 100; i++)
        {
            log.SavePosition(ChannelLog.First + (i * 8L));
            Assert.Equal(ChannelLog.First + (i * 8L), log.LoadPosition());
        }
        log.SavePosition(ChannelLog.First);   // back to the begin
        Assert.Equal(ChannelLog.First, log.LoadPosition());
    }

    [Fact]
    public void Descriptors_are_enough_for_another_party()
    {
        using ChannelLog log = folder.Open();
        long end = LogFolder.Append(log, log.FindEnd(), 10);
        using ChannelLog other = ChannelLog.Of(Copy(log.Log), Copy(log.Position), folder.Path);
        end = LogFolder.Append(other, end, 20);
        other.SavePosition(end);
        Assert.Equal([10, 20], LogFolder.Read(log, ChannelLog.First, end));
        Assert.Equal(end, log.LoadPosition());

        static Microsoft.Win32.SafeHandles.SafeFileHandle Copy(Microsoft.Win32.SafeHandles.SafeFileHandle handle) => Descriptors.DuplicateAbove(handle, 0);
    }

    [Fact]
    public void What_has_been_read_goes_back_to_the_disk_and_what_has_not_stays()
    {
        const int Step = 1 << 20;
        using ChannelLog log = folder.Open(new() { GiveBackStep = Step });
        long end = LogFolder.Append(log, log.FindEnd(), Large, 50);
        LogReader reader = log.NewReader();
        Assert.True(reader.TryRead(ChannelLog.First, end, out _, out long next));
        Assert.Equal(ChannelLog.First, DurableFile.FindData(log.Log, ChannelLog.First));
        log.SavePosition(next);
        log.GiveBack(next);
        Assert.SkipUnless(DurableFile.TryPunchHole(log.Log, end + Step, 4096), "This file system has no holes.");
        Assert.Equal(next & -4096, DurableFile.FindData(log.Log, ChannelLog.First));
        Assert.Equal([50], LogFolder.Read(log, next, end));
        Assert.Equal(end, log.FindEnd());
    }

    [Fact]
    public void Less_than_a_step_stays_and_all_where_that_is_wanted()
    {
        using (ChannelLog log = folder.Open(new() { GiveBackStep = 2 * Large }))
            Read(log);
        File.Delete(folder.Path);
        using (ChannelLog log = folder.Open(new() { GiveBackStep = 1, KeepsAll = true }))
            Read(log);

        static void Read(ChannelLog log)
        {
            long end = LogFolder.Append(log, log.FindEnd(), Large);
            log.SavePosition(end);
            log.GiveBack(end);
            Assert.Equal([Large], LogFolder.Read(log, ChannelLog.First, end));
        }
    }

    [Fact]
    public void A_disk_that_lost_unflushed_items_which_had_been_read_loses_no_other()
    {
        long end;
        using (ChannelLog log = folder.Open())
        {
            end = LogFolder.Append(log, log.FindEnd(), 5000, 6000);
            log.SavePosition(end);
            log.Cut(ChannelLog.First);
        }
        using ChannelLog later = folder.Open();
        Assert.Equal(end, later.FindEnd());
        Assert.Equal([70], LogFolder.Read(later, end, LogFolder.Append(later, end, 70)));
    }
}
