using Kernmantle.Functions.Capturing;
using Kernmantle.Payloads;

namespace Kernmantle;

/// <summary>
/// A list that lives in a worker and may be handed to calls in any place, as a <see cref="Remote{T}"/> is: whoever has it reads and changes it. Its calls run one at a time, so that each of them is
/// atomic. Made by <see cref="CallInvoker.CreateListAsync"/>.
/// </summary>
/// <remarks>
/// Thread-safe. Each member is a call: items cross by value (between threads of one process they are the objects themselves), and <see cref="StateLostException"/> says that the list is gone with its
/// worker. Between two calls others may come, after which an index is another item's: <see cref="Remote"/> runs functions of all of the list at once.
/// </remarks>
/// <typeparam name="T">The type of the items; it may cross.</typeparam>
public sealed class SharedList<T> : IRemoteCollection<SharedList<T>, List<T>>, IAsyncDisposable
{
    /// <summary>The same calls on a list that was made in another way, such as with items.</summary>
    /// <param name="remote">The list. Whoever disposes of one of the two disposes of both.</param>
    public SharedList(Remote<List<T>> remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        Remote = remote;
    }

    /// <summary>The list itself, for functions of more than one item.</summary>
    public Remote<List<T>> Remote { get; }

    static SharedList<T> IRemoteCollection<SharedList<T>, List<T>>.Of(Remote<List<T>> remote) => new(remote);

    /// <summary>Adds an item at the end, and returns its index.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The list is gone with its worker.</exception>
    public Task<int> AddAsync(T item, CancellationToken cancellationToken = default) =>
        Remote.CallAsync(
            static (all, item) =>
            {
                all.Add(item);
                return all.Count - 1;
            },
            item,
            cancellationToken);

    /// <summary>An item.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The list is gone with its worker.</exception>
    /// <exception cref="RemoteException">There is none (an <see cref="ArgumentOutOfRangeException"/> there).</exception>
    public Task<T> GetAsync(int index, CancellationToken cancellationToken = default) => Remote.CallAsync(static (all, index) => all[index], index, cancellationToken);

    /// <summary>Replaces an item.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="item">The new one.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The list is gone with its worker.</exception>
    /// <exception cref="RemoteException">There is none (an <see cref="ArgumentOutOfRangeException"/> there).</exception>
    public Task SetAsync(int index, T item, CancellationToken cancellationToken = default) =>
        Remote.CallAsync(static (all, index, item) => { all[index] = item; }, index, item, cancellationToken);

    /// <summary>Removes an item and returns it; those behind it move up.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The list is gone with its worker.</exception>
    /// <exception cref="RemoteException">There is none (an <see cref="ArgumentOutOfRangeException"/> there).</exception>
    public Task<T> RemoveAtAsync(int index, CancellationToken cancellationToken = default) =>
        Remote.CallAsync(
            static (all, index) =>
            {
                T item = all[index];
                all.RemoveAt(index);
                return item;
            },
            index,
            cancellationToken);

    /// <summary>Replaces an item by what a function makes of it, and returns the new one. No other call comes between.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="update">Runs once, where the list is. What it captures crosses as with every function. If it throws, the item stays.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The list is gone with its worker.</exception>
    /// <exception cref="RemoteException">The function threw, or there is no such item (an <see cref="ArgumentOutOfRangeException"/> there).</exception>
    /// <exception cref="NotPortableException">The function, or what it captures, cannot cross.</exception>
    public Task<T> UpdateAsync(int index, Func<T, T> update, CancellationToken cancellationToken = default)
    {
        var held = HeldFunction<T>.Of(update);
        return Remote.CallAsync((all, index) => all[index] = held.Call(all[index]), index, cancellationToken);
    }

    /// <summary>How many items there are.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The list is gone with its worker.</exception>
    public Task<int> CountAsync(CancellationToken cancellationToken = default) => Remote.CallAsync(static all => all.Count, cancellationToken);

    /// <summary>A copy of all of it, as it is at one moment.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The list is gone with its worker.</exception>
    public Task<List<T>> ToListAsync(CancellationToken cancellationToken = default) => Remote.CallAsync(static all => new List<T>(all), cancellationToken);

    /// <summary>Ends the list, after the calls made before, and waits for that. Does nothing if it was lost, or in a worker process that was handed it.</summary>
    public ValueTask DisposeAsync() => Remote.DisposeAsync();
}
