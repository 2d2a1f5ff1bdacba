using System.Runtime.CompilerServices;
using Kernmantle.Channels.Log;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;

namespace Kernmantle.Channels.Files;

/// <summary>
/// Items in a log on a disk. Who appends has one lock of the file, who reads has another; the kernel gives back those of a process that ends. What one that died while it appended has left behind the end, the next one finds by the
/// length of the file.
/// </summary>
internal sealed unsafe class FileStore(byte* words, ChannelLayout layout, ChannelLog log) : ItemStore
{
    private const long ForAppending = 0, ForReading = 1;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private readonly LogReader reader = log.NewReader();

    private ref ChannelWords Words => ref Unsafe.AsRef<ChannelWords>(words);

    private bool IsOpen => ChannelWords.StateOf(ref Words) == ChannelState.Open;

    private bool HasUnread => Volatile.Read(ref Words.FilePosition) < Volatile.Read(ref Words.FileEnd);

    public override int Count => throw new NotSupportedException("How many items there are in a file is not known: CanCount is false.");

    public override bool CanCount => false;

    public override long Dropped => 0;

    /// <summary>By the maker, before anybody else has it.</summary>
    public static void Begin(byte* words, ChannelLog log, bool flushes)
    {
        ref ChannelWords all = ref Unsafe.AsRef<ChannelWords>(words);
        SharedStores.Write(ref all.FileEnd, log.FindEnd());
        SharedStores.Write(ref all.FilePosition, log.LoadPosition());
        SharedStores.Write(ref all.Flushes, flushes ? 1 : 0);
    }

    public override Put TryWrite(ReadOnlySpan<byte> item, IItemLoad? load) => WriteMany(item, item.Length, out Put last) == 1 ? Put.Done : last;

    public override int WriteMany(ReadOnlySpan<byte> items, int size, out Put last)
    {
        lock (log.Appending)
            return Append(items, size, out last);
    }

    private int Append(ReadOnlySpan<byte> items, int size, out Put last)
    {
        int written = 0;
        Take(ForAppending);
        try
        {
            last = Put.Closed;
            if (!IsOpen || HasEnded)
                return 0;
            long end = Volatile.Read(ref Words.FileEnd);
            if (RandomAccess.GetLength(log.Log) != end)
                end = log.FindEnd(end);
            int count = size == 0 ? 1 : items.Length / size;
            for (; written < count; written++)
            {
                end = log.Append(items.Slice(written * size, size), end);
                if (Volatile.Read(ref Words.Flushes) == 0)
                    SharedStores.Exchange(ref Words.FileEnd, end);
            }
            if (Volatile.Read(ref Words.Flushes) != 0)
            {
                log.Flush(end);
                SharedStores.Exchange(ref Words.FileEnd, end);
            }
            last = Put.Done;
            return written;
        }
        finally
        {
            ProcessLock.GiveBack(log.Log, ForAppending);
        }
    }

    public override bool MayWrite(int bytes) => true;

    public override Took TryTake(Span<byte> room, out int length, out Claim claim)
    {
        (length, claim) = (0, default);
        if (!HasUnread)
            return Took.Nothing;
        Take(ForReading);
        try
        {
            if (!HasEnded && reader.TryRead(Volatile.Read(ref Words.FilePosition), Volatile.Read(ref Words.FileEnd), out ReadOnlySpan<byte> item, out long next))
            {
                length = item.Length;
                bool isOne = layout.ItemBytes == 0 || length == layout.ItemBytes;
                if (isOne && length > room.Length)
                    return Took.TooLarge;
                if (isOne)
                    item.CopyTo(room);
                log.SavePosition(next);
                SharedStores.Write(ref Words.FilePosition, next);
                claim = new(0, next, 0);
                return isOne ? Took.Item : throw NoItem(length);
            }
            return Took.Nothing;
        }
        finally
        {
            ProcessLock.GiveBack(log.Log, ForReading);
        }
    }

    public override void Finish(in Claim claim) => log.GiveBack(claim.Position);

    public override int WriterOf(in Claim claim) => claim.Place;

    public override bool HasItem() => HasUnread;

    /// <summary>Who had the lock when the channel was closed, has appended; who comes after that sees it. One that keeps it for too long may append after that: the item is there for the next program.</summary>
    public override void Close()
    {
        try
        {
            lock (log.Appending)
                Pass(ForAppending);
        }
        catch (ObjectDisposedException) when (HasEnded)
        {
            // The maker has disposed of the channel meanwhile: nobody appends any more.
        }
    }

    public override bool IsDrained() => !HasUnread;

    /// <summary>Other processes have done what they were doing, and see that the object has ended.</summary>
    public override void Leave()
    {
        Pass(ForAppending);
        Pass(ForReading);
        log.Dispose();
    }

    /// <summary>Whoever has the lock is asked nothing: it may be stopped, or never mean to give it back.</summary>
    /// <exception cref="TimeoutException">Another process has it for too long.</exception>
    private void Take(long place)
    {
        if (!ProcessLock.TryTake(log.Log, place, Bound))
            throw new TimeoutException($"Another process has had the file of this channel for {Bound.TotalSeconds:0} s: it was stopped as it used the file, or it does what it should not.");
    }

    private void Pass(long place)
    {
        if (ProcessLock.TryTake(log.Log, place, Bound))
            ProcessLock.GiveBack(log.Log, place);
    }

    private bool HasEnded => Volatile.Read(ref Unsafe.AsRef<StateWords>(words - StateWords.Size).Ended) != 0;
}
