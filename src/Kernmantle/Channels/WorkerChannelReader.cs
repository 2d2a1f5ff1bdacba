using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Channels;

namespace Kernmantle;

/// <summary>The reading side of a <see cref="WorkerChannel{T}"/>. Thread-safe.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class WorkerChannelReader<T> : ChannelReader<T>
{
    private readonly ChannelEnd end;

    internal WorkerChannelReader(WorkerChannel<T> channel, ChannelEnd end) => (Channel, this.end) = (channel, end);

    internal WorkerChannel<T> Channel { get; }

    /// <summary>Whether <see cref="Count"/> is known: not of a file.</summary>
    public override bool CanCount => end.CanCount;

    /// <summary>How many items there are to read, about: others read and write meanwhile.</summary>
    /// <exception cref="NotSupportedException">It is not known.</exception>
    public override int Count => end.Count;

    /// <summary>Completes when the channel was completed, and every item was read; with the error if it was completed with one.</summary>
    public override Task Completion => end.Waits.Completion;

    /// <summary>Reads an item if there is one.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False: there is none now.</returns>
    /// <exception cref="InvalidDataException">What was read is no such item: one of those that have the channel spoilt its memory. The item is lost.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    public override bool TryRead([MaybeNullWhen(false)] out T item)
    {
        if (ItemFormat<T>.Size > 0)
        {
            Unsafe.SkipInit(out item);
            return end.ReadMany(ItemFormat<T>.BytesOf(new Span<T>(ref item!)), ItemFormat<T>.Size) > 0;
        }
        bool isThere = TryTake(out Claim claim, out item);
        if (isThere)
            end.Finish(claim);
        return isThere;
    }

    /// <summary>Waits until there may be an item.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False: the channel was completed, and every item was read.</returns>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => end.Waits.ToRead(cancellationToken);

    /// <summary>Waits for an item, and reads it.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ChannelClosedException">The channel was completed, and every item was read.</exception>
    /// <exception cref="InvalidDataException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        return TryRead(out T? item) ? new(item) : ReadWaitingAsync(cancellationToken);
    }

    private async ValueTask<T> ReadWaitingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitForItemAsync(cancellationToken).ConfigureAwait(false);
            if (TryRead(out T? item))
                return item;
        }
    }

    private async ValueTask WaitForItemAsync(CancellationToken cancellationToken)
    {
        bool hasItem;
        try
        {
            hasItem = await WaitToReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (end.IsError(e))
        {
            throw new ChannelClosedException(e);
        }
        if (!hasItem)
            throw new ChannelClosedException();
    }

    /// <summary>Reads as many items as there are and fit, which costs less than one by one.</summary>
    /// <param name="items">Where to.</param>
    /// <returns>How many were read.</returns>
    /// <exception cref="InvalidDataException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    public int TryReadMany(Span<T> items)
    {
        if (ItemFormat<T>.Size > 0)
            return end.ReadMany(ItemFormat<T>.BytesOf(items), ItemFormat<T>.Size);
        int read = 0;
        while (read < items.Length && TryRead(out T? item))
            items[read++] = item;
        return read;
    }

    /// <summary>Waits for items, and reads as many as there are and fit.</summary>
    /// <param name="items">Where to.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were read; 0: the channel was completed, and every item was read.</returns>
    /// <exception cref="InvalidDataException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async ValueTask<int> ReadManyAsync(Memory<T> items, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int read = TryReadMany(items.Span);
            if (read > 0 || items.Length == 0 || !await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return read;
        }
    }

    /// <summary>Takes an item, if there is one, and keeps it in the channel until <see cref="ChannelDelivery{T}.Complete"/>.</summary>
    /// <param name="delivery">The item.</param>
    /// <returns>False: there is none now.</returns>
    /// <exception cref="InvalidDataException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    public bool TryTake([MaybeNullWhen(false)] out ChannelDelivery<T> delivery)
    {
        delivery = TryTake(out Claim claim, out T? item) ? new(end, claim, item) : null;
        return delivery is not null;
    }

    /// <summary>Waits for an item, and takes it as <see cref="TryTake(out ChannelDelivery{T})"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ChannelClosedException">The channel was completed, and every item was read.</exception>
    /// <exception cref="InvalidDataException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async ValueTask<ChannelDelivery<T>> TakeAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryTake(out ChannelDelivery<T>? delivery))
                return delivery;
            await WaitForItemAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryTake(out Claim claim, [MaybeNullWhen(false)] out T item)
    {
        if (ItemFormat<T>.Size > 0)
        {
            Unsafe.SkipInit(out item);
            return end.TryTake(ItemFormat<T>.BytesOf(new Span<T>(ref item!)), out _, out claim) == Took.Item;
        }
        byte[] room = ArrayPool<byte>.Shared.Rent(256);
        try
        {
            while (true)
            {
                Took took = end.TryTake(room, out int length, out claim);
                if (took == Took.Item)
                {
                    item = Decode(room.AsSpan(0, length), claim);
                    return true;
                }
                item = default;
                if (took == Took.Nothing)
                    return false;
                ArrayPool<byte>.Shared.Return(room);
                room = ArrayPool<byte>.Shared.Rent(length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    /// <summary>What cannot be read would otherwise be in the way for ever.</summary>
    private T Decode(ReadOnlySpan<byte> bytes, in Claim claim)
    {
        try
        {
            return ItemFormat<T>.Decode(bytes);
        }
        catch
        {
            end.Finish(claim);
            throw;
        }
    }
}
