using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Scheduling.Streams;

/// <summary>Items of a stream over shared memory, on their way from whoever takes them from the worker to the consumer.</summary>
internal abstract class StreamItems
{
    /// <summary>There was an item.</summary>
    public bool AnyArrived { get; private protected set; }

    /// <summary>There is something for the consumer, or there will be no more. By anybody.</summary>
    public abstract bool HasNews { get; }

    /// <summary>The worker that has the stream; null while none has.</summary>
    public IStreamWorker? Worker { get; set; }

    /// <summary>Ends the worker, whose bytes are no item.</summary>
    public Func<string, WorkerException>? EndForViolation { get; set; }

    /// <summary>Takes one item. Runs no user code.</summary>
    /// <exception cref="InvalidPayloadException">There was no room for it.</exception>
    public abstract void Take(ReadOnlySpan<byte> body, IBufferScope? buffers);

    /// <summary>The same for some, each behind its length.</summary>
    /// <exception cref="InvalidPayloadException">There was no room for one of them.</exception>
    public void TakeMany(ReadOnlySpan<byte> items, IBufferScope? buffers)
    {
        var reader = new PayloadReader(items);
        while (reader.Remaining > 0)
            Take(reader.ReadBytes(reader.ReadInt32()), buffers);
        Progressed();
    }

    /// <summary>After some: the consumer may go on.</summary>
    public abstract void Progressed();

    /// <summary>There will be no more.</summary>
    public abstract void Complete();
}

/// <summary>The same, with its type. What is plain is read when it comes; other bytes are kept, and read by the consumer, since that may run the user's code.</summary>
internal sealed class StreamItems<TItem>(Codec<TItem> codec, int window) : StreamItems, IStreamSource<TItem>
{
    private const int ChunkBytes = 16 << 10;

    private readonly Lock gate = new();
    private readonly bool isPlain = codec is IPlainCodec;
    private readonly Channel<bool> progress = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private List<Entry> arrived = [];
    private byte[] chunk = [];
    private int filled;
    private long underWay;
    private volatile bool hasArrived;
    private volatile bool isOver;

    // The consumer's:
    private List<Entry> mine = [];
    private int next;
    private long consumed;
    private long granted;

    /// <summary>Set when the call has been made.</summary>
    [AllowNull]
    public Task End { get; set; }

    public override bool HasNews => hasArrived || isOver;

    public override void Take(ReadOnlySpan<byte> body, IBufferScope? buffers)
    {
        int cost = StreamCredit.CostOf(body.Length);
        var reader = new PayloadReader(body, null, buffers);
        Entry entry = isPlain ? new(codec.Read(ref reader), null, 0, body.Length) : Keep(body);
        lock (gate)
        {
            if (!StreamCredit.HasRoom(underWay, cost, window))
                throw new InvalidPayloadException("More items of a stream than there was room for.");
            underWay += cost;
            AnyArrived = true;
            arrived.Add(entry);
            hasArrived = true;
        }
    }

    public override void Progressed() => progress.Writer.TryWrite(true);

    public override void Complete()
    {
        isOver = true;
        progress.Writer.TryComplete();
    }

    public ValueTask<bool> WaitAsync() => HasCome() ? new(true) : AwaitAsync();

    public void Leave() => Worker?.Leave();

    private async ValueTask<bool> AwaitAsync()
    {
        while (await progress.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            if (HasCome())
                return true;
        }
        return hasArrived;
    }

    private bool HasCome()
    {
        progress.Reader.TryRead(out _);   // what it told of is seen here; what comes from now on tells again
        if (!HasNews)
            Worker?.Attend();
        return hasArrived;
    }

    public bool TryTake(out TItem item)
    {
        item = default!;
        if (next == mine.Count)
        {
            GiveRoom();
            mine.Clear();
            next = 0;
            lock (gate)
            {
                (mine, arrived) = (arrived, mine);
                hasArrived = false;
            }
            if (mine.Count == 0)
                return false;
        }
        Entry entry = mine[next++];
        item = entry.Chunk is null ? entry.Value : Read(entry);
        consumed += StreamCredit.CostOf(entry.Length);
        if (consumed - granted > window / 4)
            GiveRoom();
        return true;
    }

    private void GiveRoom()
    {
        if (consumed == granted)
            return;
        lock (gate)
            underWay -= consumed - granted;
        granted = consumed;
        Worker?.Grant(granted);
    }

    private Entry Keep(ReadOnlySpan<byte> body)
    {
        if (chunk.Length - filled < body.Length)
            (chunk, filled) = (new byte[Math.Max(ChunkBytes, body.Length)], 0);
        body.CopyTo(chunk.AsSpan(filled));
        filled += body.Length;
        return new(default!, chunk, filled - body.Length, body.Length);
    }

    private TItem Read(in Entry entry)
    {
        var reader = new PayloadReader(entry.Chunk.AsSpan(entry.Start, entry.Length));
        try
        {
            return codec.Read(ref reader);
        }
        catch (InvalidPayloadException e)
        {
            throw UnreadResult.FailureOf(e, null, null) ?? EndForViolation!(e.Message);
        }
    }

    private readonly record struct Entry(TItem Value, byte[]? Chunk, int Start, int Length);
}
