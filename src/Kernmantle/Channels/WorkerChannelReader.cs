using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Channels;
using Kernmantle.Payloads.Preflight;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

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

    /// <summary>Reads an item if there is one. Where items carry memory, a worker may have to ask its host for that, and blocks meanwhile.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False: there is none now.</returns>
    /// <exception cref="InvalidDataException">What was read is no such item, or carries memory that is not there: one of those that have the channel spoilt it. It is gone; the other items are as they were.</exception>
    /// <exception cref="ChannelFileException">Of a file: the next item cannot be read.</exception>
    /// <exception cref="TimeoutException">Of a file: another process has been reading from it for 10 seconds. In a worker: its host does not say where the memory is that the item carries; the item is there again, for whoever reads.</exception>
    /// <exception cref="InsufficientMemoryException">In a worker: it holds as many shared buffers as it may. The item is there again, for whoever reads.</exception>
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
    /// <exception cref="TimeoutException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="InsufficientMemoryException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        if (ItemFormat<T>.Carries)
            return ReadCarryingAsync(cancellationToken);
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
    /// <exception cref="TimeoutException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="InsufficientMemoryException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    public int TryReadMany(Span<T> items)
    {
        if (ItemFormat<T>.Size > 0)
            return end.ReadMany(ItemFormat<T>.BytesOf(items), ItemFormat<T>.Size);
        int read = 0;
        try
        {
            while (read < items.Length && TryRead(out T? item))
                items[read++] = item;
        }
        catch (InvalidDataException e) when (read > 0)
        {
            end.TellLater(e);
        }
        catch (Exception e) when (read > 0 && IsFoundAgain(e))
        {
            // By who reads next.
        }
        return read;
    }

    /// <summary>No item is lost by it, so that it is told when the next one is wanted, and what was read before is handed out.</summary>
    private static bool IsFoundAgain(Exception failure) => failure is ChannelFileException or TimeoutException or InsufficientMemoryException or ObjectDisposedException;

    /// <summary>Reads all items until the channel is completed.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="TimeoutException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="InsufficientMemoryException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public override IAsyncEnumerable<T> ReadAllAsync(CancellationToken cancellationToken = default) =>
        ItemFormat<T>.Carries ? ReadAllCarryingAsync(cancellationToken) : base.ReadAllAsync(cancellationToken);

    private async IAsyncEnumerable<T> ReadAllCarryingAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await TakeCarryingAsync(cancellationToken).ConfigureAwait(false) is { } delivery)
            {
                delivery.Complete();
                yield return delivery.Item;
            }
        }
    }

    /// <summary>Waits for items, and reads as many as there are and fit.</summary>
    /// <param name="items">Where to.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many were read; 0: the channel was completed, and every item was read.</returns>
    /// <exception cref="InvalidDataException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="TimeoutException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="InsufficientMemoryException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async ValueTask<int> ReadManyAsync(Memory<T> items, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int read = ItemFormat<T>.Carries ? await ReadManyCarryingAsync(items, cancellationToken).ConfigureAwait(false) : TryReadMany(items.Span);
            if (read > 0 || items.Length == 0 || !await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                return read;
        }
    }

    /// <summary>Takes an item, if there is one, and keeps it in the channel until <see cref="ChannelDelivery{T}.Complete"/>.</summary>
    /// <param name="delivery">The item.</param>
    /// <returns>False: there is none now.</returns>
    /// <exception cref="InvalidDataException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="TimeoutException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="InsufficientMemoryException">As <see cref="TryRead"/>.</exception>
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
    /// <exception cref="TimeoutException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="InsufficientMemoryException">As <see cref="TryRead"/>.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async ValueTask<ChannelDelivery<T>> TakeAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (ItemFormat<T>.Carries ? await TakeCarryingAsync(cancellationToken).ConfigureAwait(false) is { } delivery : TryTake(out delivery))
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
        byte[] room = Take(out int length, out claim);
        try
        {
            item = length < 0 ? default : Decode(room.AsSpan(0, length), claim);
            return length >= 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    /// <summary>The bytes of the next item, in an array to be returned; a length of -1: there is none now.</summary>
    private byte[] Take(out int length, out Claim claim)
    {
        byte[] room = ArrayPool<byte>.Shared.Rent(256);
        Took took;
        while ((took = end.TryTake(room, out length, out claim)) == Took.TooLarge)
        {
            ArrayPool<byte>.Shared.Return(room);
            room = ArrayPool<byte>.Shared.Rent(length);
        }
        if (took == Took.Nothing)
            length = -1;
        return room;
    }

    /// <summary>What cannot be read would otherwise be in the way for ever.</summary>
    private T Decode(ReadOnlySpan<byte> bytes, in Claim claim)
    {
        if (!ItemFormat<T>.Carries)
            return DecodeOnly(bytes, claim, null);
        BlockName[] names = NamesOf(ref bytes, claim);
        TakenMemory? memory;
        try
        {
            memory = end.Carried.Take(names);
        }
        catch
        {
            end.PutBack(claim);
            throw;
        }
        return DecodeWith(bytes, claim, memory);
    }

    private BlockName[] NamesOf(ref ReadOnlySpan<byte> bytes, in Claim claim)
    {
        try
        {
            return TakenMemory.NamesOf(ref bytes);
        }
        catch (InvalidPayloadException e)
        {
            end.Finish(claim);
            throw ItemFailures.NoSuchItem(PortableTypes.Name(typeof(T)), e);
        }
    }

    private T DecodeWith(ReadOnlySpan<byte> bytes, in Claim claim, TakenMemory? memory)
    {
        using (memory)
        {
            if (memory is not null)
                return DecodeOnly(bytes, claim, memory);
            end.Finish(claim);
            throw ItemFailures.NoSuchMemory(PortableTypes.Name(typeof(T)));
        }
    }

    private T DecodeOnly(ReadOnlySpan<byte> bytes, in Claim claim, TakenMemory? memory)
    {
        try
        {
            return ItemFormat<T>.Decode(bytes, memory);
        }
        catch
        {
            end.Finish(claim);
            throw;
        }
    }

    // --- Where items carry memory, and a worker's host may have to be asked for it ---

    /// <summary>The next item, if there is one.</summary>
    private async ValueTask<ChannelDelivery<T>?> TakeCarryingAsync(CancellationToken cancellationToken)
    {
        byte[] room = Take(out int length, out Claim claim);
        try
        {
            if (length < 0)
                return null;
            BlockName[] names = Names(room, ref length, claim);
            TakenMemory? memory;
            try
            {
                memory = await end.Carried.TakeAsync(names, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                end.PutBack(claim);
                throw;
            }
            return new(end, claim, DecodeWith(room.AsSpan(0, length), claim, memory));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    private BlockName[] Names(byte[] room, ref int length, in Claim claim)
    {
        ReadOnlySpan<byte> bytes = room.AsSpan(0, length);
        BlockName[] names = NamesOf(ref bytes, claim);
        length = bytes.Length;
        return names;
    }

    private async ValueTask<T> ReadCarryingAsync(CancellationToken cancellationToken)
    {
        ChannelDelivery<T> delivery = await TakeAsync(cancellationToken).ConfigureAwait(false);
        delivery.Complete();
        return delivery.Item;
    }

    private async ValueTask<int> ReadManyCarryingAsync(Memory<T> items, CancellationToken cancellationToken)
    {
        int read = 0;
        try
        {
            while (read < items.Length && await TakeCarryingAsync(read == 0 ? cancellationToken : CancellationToken.None).ConfigureAwait(false) is { } delivery)
            {
                delivery.Complete();
                items.Span[read++] = delivery.Item;
            }
        }
        catch (InvalidDataException e) when (read > 0)
        {
            end.TellLater(e);
        }
        catch (Exception e) when (read > 0 && IsFoundAgain(e))
        {
            // By who reads next.
        }
        return read;
    }
}
