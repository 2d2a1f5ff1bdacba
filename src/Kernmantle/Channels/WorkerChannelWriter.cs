using System.Threading.Channels;
using Kernmantle.Channels;

namespace Kernmantle;

/// <summary>The writing side of a <see cref="WorkerChannel{T}"/>. Thread-safe.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class WorkerChannelWriter<T> : ChannelWriter<T>
{
    private readonly ChannelEnd end;

    /// <summary>The length of the item that found no room last, for who waits then; 0 if one has been written since.</summary>
    private int lastRefused;

    internal WorkerChannelWriter(WorkerChannel<T> channel, ChannelEnd end) => (Channel, this.end) = (channel, end);

    internal WorkerChannel<T> Channel { get; }

    /// <summary>This process counts as one that may write.</summary>
    internal void WillWrite() => end.WillWrite();

    /// <summary>Writes an item if there is room for it.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False: there is no room now, or the channel was completed.</returns>
    /// <exception cref="NotPortableException">This value cannot cross.</exception>
    /// <exception cref="PayloadTooLargeException">It is larger than the memory of the channel.</exception>
    /// <exception cref="ChannelFileException">Of a file: the disk is full, or failed, or the file is damaged.</exception>
    /// <exception cref="TimeoutException">Of a file: another process has been writing to it for 10 seconds.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of, or something that the item carries.</exception>
    public override bool TryWrite(T item)
    {
        end.WillWrite();
        if (ItemFormat<T>.Size > 0)
            return end.TryWrite(ItemFormat<T>.BytesOf(new Span<T>(ref item)), null) == Put.Done;
        using ItemLoad? load = ItemFormat<T>.Carries ? new(end.Carried) : null;
        ReadOnlySpan<byte> bytes = ItemFormat<T>.Encode(item, load);
        if (bytes.Length > end.Layout.LargestItem)
            throw new PayloadTooLargeException("The item", bytes.Length, end.Layout.LargestItem, "Raise WorkerChannelOptions.BufferBytes, use ChannelTransport.SharedMemory if it is another one, or write a file name instead.");
        bool isWritten = end.TryWrite(bytes, load) == Put.Done;
        int refused = isWritten ? 0 : bytes.Length;
        if (lastRefused != refused)
            lastRefused = refused;
        return isWritten;
    }

    /// <summary>Waits until there may be room.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False: the channel was completed.</returns>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
    {
        end.WillWrite();
        return end.Waits.ToWrite(lastRefused, cancellationToken);
    }

    /// <summary>Writes an item, and waits for room where there is none.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ChannelClosedException">The channel was completed.</exception>
    /// <exception cref="NotPortableException">This value cannot cross.</exception>
    /// <exception cref="PayloadTooLargeException">It is larger than the memory of the channel.</exception>
    /// <exception cref="ChannelFileException">Of a file: the disk is full, or failed, or the file is damaged.</exception>
    /// <exception cref="TimeoutException">Of a file: another process has been writing to it for 10 seconds.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of, or something that the item carries.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        return TryWrite(item) ? default : WriteWaitingAsync(item, cancellationToken);
    }

    private async ValueTask WriteWaitingAsync(T item, CancellationToken cancellationToken)
    {
        do
            await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        while (!TryWrite(item));
    }

    private async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        bool isOpen;
        try
        {
            isOpen = await WaitToWriteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (end.IsError(e))
        {
            throw new ChannelClosedException(e);
        }
        if (!isOpen)
            throw new ChannelClosedException();
    }

    /// <summary>Writes as many items as there is room for, which costs less than one by one.</summary>
    /// <param name="items">The items.</param>
    /// <returns>How many were written, from the front.</returns>
    /// <exception cref="NotPortableException">A value cannot cross; those before it were written.</exception>
    /// <exception cref="PayloadTooLargeException">One is larger than the memory of the channel; those before it were written.</exception>
    /// <exception cref="ChannelFileException">Of a file: the disk is full, or failed, or the file is damaged.</exception>
    /// <exception cref="TimeoutException">Of a file: another process has been writing to it for 10 seconds.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of, or something that the item carries.</exception>
    public int TryWriteMany(ReadOnlySpan<T> items)
    {
        if (ItemFormat<T>.Size > 0)
        {
            end.WillWrite();
            return end.WriteMany(ItemFormat<T>.BytesOf(items), ItemFormat<T>.Size, out _);
        }
        int written = 0;
        while (written < items.Length && TryWrite(items[written]))
            written++;
        return written;
    }

    /// <summary>Writes all of them, and waits for room where there is none.</summary>
    /// <param name="items">The items.</param>
    /// <param name="cancellationToken">Ends the waiting; what was written stays.</param>
    /// <exception cref="ChannelClosedException">The channel was completed.</exception>
    /// <exception cref="NotPortableException">A value cannot cross; those before it were written.</exception>
    /// <exception cref="PayloadTooLargeException">One is larger than the memory of the channel; those before it were written.</exception>
    /// <exception cref="ChannelFileException">Of a file: the disk is full, or failed, or the file is damaged.</exception>
    /// <exception cref="TimeoutException">Of a file: another process has been writing to it for 10 seconds.</exception>
    /// <exception cref="ObjectDisposedException">The channel was disposed of, or something that the item carries.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async ValueTask WriteManyAsync(ReadOnlyMemory<T> items, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            items = items[TryWriteMany(items.Span)..];
            if (items.Length == 0)
                return;
            await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says that no item comes any more, from anybody.</summary>
    /// <param name="error">Why, if that is a failure: readers get it after the last item; in other processes as a <see cref="RemoteException"/> with its type and text.</param>
    /// <returns>False: somebody has done so before.</returns>
    /// <exception cref="ObjectDisposedException">The channel was disposed of.</exception>
    public override bool TryComplete(Exception? error = null) => end.TryClose(error);
}
