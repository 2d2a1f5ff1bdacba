using System.Diagnostics.CodeAnalysis;
using Kernmantle.Functions.Capturing;
using Kernmantle.Payloads;

namespace Kernmantle;

/// <summary>
/// A dictionary that lives in a worker and may be handed to calls in any place, as a <see cref="Remote{T}"/> is: whoever has it reads and changes it. Its calls run one at a time, so that each
/// of them is atomic. Made by <see cref="CallInvoker.CreateDictionaryAsync"/>.
/// </summary>
/// <remarks>
/// Thread-safe. Each member is a call: keys and values cross by value (between threads of one process they are the objects themselves), and <see cref="StateLostException"/> says that the dictionary
/// is gone with its worker. <see cref="ObjectInvoker{T}.With"/> of <see cref="Remote"/> gives calls a timeout, and its functions see all of the dictionary at once.
/// </remarks>
/// <typeparam name="TKey">The type of the keys; it may cross.</typeparam>
/// <typeparam name="TValue">The type of the values; it may cross.</typeparam>
[SuppressMessage("Naming", "CA1711", Justification = "It is a dictionary, whose members are calls.")]
public sealed class SharedDictionary<TKey, TValue> : IRemoteCollection<SharedDictionary<TKey, TValue>, Dictionary<TKey, TValue>>, IAsyncDisposable
    where TKey : notnull
{
    /// <summary>The same calls on a dictionary that was made in another way: with a comparer of its own, or with items.</summary>
    /// <param name="remote">The dictionary. Whoever disposes of one of the two disposes of both.</param>
    public SharedDictionary(Remote<Dictionary<TKey, TValue>> remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        Remote = remote;
    }

    /// <summary>The dictionary itself, for functions of more than one item.</summary>
    public Remote<Dictionary<TKey, TValue>> Remote { get; }

    static SharedDictionary<TKey, TValue> IRemoteCollection<SharedDictionary<TKey, TValue>, Dictionary<TKey, TValue>>.Of(Remote<Dictionary<TKey, TValue>> remote) => new(remote);

    /// <summary>Whether the key is there, and its value; the default of the type where it is not.</summary>
    /// <param name="key">Which.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The dictionary is gone with its worker.</exception>
    public Task<(bool Found, TValue? Value)> TryGetAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Remote.CallAsync(static (all, key) => all.TryGetValue(key, out TValue? value) ? (true, value) : (false, default(TValue)), key, cancellationToken);
    }

    /// <summary>Adds the value, or puts it in the place of the one that is there.</summary>
    /// <param name="key">Which.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The dictionary is gone with its worker.</exception>
    public Task SetAsync(TKey key, TValue value, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Remote.CallAsync(static (all, key, value) => { all[key] = value; }, key, value, cancellationToken);
    }

    /// <summary>Adds the value unless the key is there; says whether it did.</summary>
    /// <param name="key">Which.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The dictionary is gone with its worker.</exception>
    public Task<bool> TryAddAsync(TKey key, TValue value, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Remote.CallAsync(static (all, key, value) => all.TryAdd(key, value), key, value, cancellationToken);
    }

    /// <summary>Removes the key; says whether it was there, and with which value.</summary>
    /// <param name="key">Which.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The dictionary is gone with its worker.</exception>
    public Task<(bool Found, TValue? Value)> RemoveAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Remote.CallAsync(static (all, key) => all.Remove(key, out TValue? value) ? (true, value) : (false, default(TValue)), key, cancellationToken);
    }

    /// <summary>Replaces the value of a key, if that is there, by what a function makes of it; says whether it is there, and the new value. No other call comes between.</summary>
    /// <param name="key">Which.</param>
    /// <param name="update">Runs once, where the dictionary is. What it captures crosses as with every function. If it throws, the value stays.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The dictionary is gone with its worker.</exception>
    /// <exception cref="RemoteException">The function threw.</exception>
    /// <exception cref="NotPortableException">The function, or what it captures, cannot cross.</exception>
    public Task<(bool Found, TValue? Value)> UpdateAsync(TKey key, Func<TValue, TValue> update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var held = HeldFunction<TValue>.Of(update);
        return Remote.CallAsync(
            (all, key) =>
            {
                if (!all.TryGetValue(key, out TValue? value))
                    return (false, default(TValue));
                return (true, all[key] = held.Call(value));
            },
            key,
            cancellationToken);
    }

    /// <summary>Adds a value or, where the key is there, replaces its value by what a function makes of it; returns the new value. No other call comes between.</summary>
    /// <param name="key">Which.</param>
    /// <param name="added">The value where the key is not there.</param>
    /// <param name="update">Runs at most once, where the dictionary is. What it captures crosses as with every function. If it throws, the value stays.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The dictionary is gone with its worker.</exception>
    /// <exception cref="RemoteException">The function threw.</exception>
    /// <exception cref="NotPortableException">The function, or what it captures, cannot cross.</exception>
    public Task<TValue> AddOrUpdateAsync(TKey key, TValue added, Func<TValue, TValue> update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var held = HeldFunction<TValue>.Of(update);
        return Remote.CallAsync((all, key, added) => all[key] = all.TryGetValue(key, out TValue? value) ? held.Call(value) : added, key, added, cancellationToken);
    }

    /// <summary>How many keys there are.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The dictionary is gone with its worker.</exception>
    public Task<int> CountAsync(CancellationToken cancellationToken = default) => Remote.CallAsync(static all => all.Count, cancellationToken);

    /// <summary>A copy of all of it, as it is at one moment, with the default comparer.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The dictionary is gone with its worker.</exception>
    public Task<Dictionary<TKey, TValue>> ToDictionaryAsync(CancellationToken cancellationToken = default) =>
        Remote.CallAsync(static all => new Dictionary<TKey, TValue>(all), cancellationToken);

    /// <summary>Ends the dictionary, after the calls made before, and waits for that. Does nothing if it was lost, or in a worker process that was handed it.</summary>
    public ValueTask DisposeAsync() => Remote.DisposeAsync();
}
