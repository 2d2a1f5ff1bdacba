namespace Kernmantle;

public abstract partial class CallInvoker
{
    /// <summary>Creates an empty dictionary in a worker, which calls in any place may be handed. Keys are compared by the default comparer.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="options">What becomes of it when its worker dies.</param>
    /// <param name="cancellationToken">Cancels its creation.</param>
    /// <remarks>With another comparer, or with items: <c>new SharedDictionary&lt;TKey, TValue&gt;(await pool.CreateAsync(…))</c>.</remarks>
    public async Task<SharedDictionary<TKey, TValue>> CreateDictionaryAsync<TKey, TValue>(RemoteOptions? options = null, CancellationToken cancellationToken = default)
        where TKey : notnull =>
        new(await CreateAsync(static () => new Dictionary<TKey, TValue>(), options, cancellationToken).ConfigureAwait(false));

    /// <summary>Creates an empty list in a worker, which calls in any place may be handed.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="options">What becomes of it when its worker dies.</param>
    /// <param name="cancellationToken">Cancels its creation.</param>
    /// <remarks>With items: <c>new SharedList&lt;T&gt;(await pool.CreateAsync(…))</c>.</remarks>
    public async Task<SharedList<T>> CreateListAsync<T>(RemoteOptions? options = null, CancellationToken cancellationToken = default) =>
        new(await CreateAsync(static () => new List<T>(), options, cancellationToken).ConfigureAwait(false));
}
