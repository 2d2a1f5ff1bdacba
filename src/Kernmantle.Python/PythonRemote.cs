using Kernmantle.Python.Calls;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Objects;

namespace Kernmantle.Python;

/// <summary>
/// An object that lives in a Python worker: made by <see cref="PythonPool.CreateAsync(string, PythonArguments, RemoteOptions, CallOptions, CancellationToken)"/>, called by the names of its methods, and
/// lost with its worker (<see cref="StateLostException"/>), unless <see cref="RemoteOptions.Recreate"/> makes it again.
/// </summary>
/// <remarks>Thread-safe. Calls on one object run one at a time, in the order in which they were made; coroutine methods too, beside coroutines of others.</remarks>
public sealed class PythonRemote : IAsyncDisposable
{
    private readonly PythonPool pool;
    private readonly ObjectHome home;

    internal PythonRemote(PythonPool pool, string type, ObjectHome home) => (this.pool, TypeName, this.home) = (pool, type, home);

    /// <summary>What it was made by: <c>"module:Class"</c>.</summary>
    public string TypeName { get; }

    /// <summary>Its worker lives, and it was not disposed of.</summary>
    public bool IsAlive => home.IsAlive;

    /// <summary>Calls a method with arguments by position.</summary>
    /// <inheritdoc cref="CallAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public Task<T> CallAsync<T>(string method, params ReadOnlySpan<object?> arguments) => CallAsync<T>(method, PythonArguments.Of(arguments));

    /// <summary>Calls a method, also a coroutine method.</summary>
    /// <typeparam name="T">The type of the result; <see cref="object"/> for whatever comes.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="arguments">The arguments, by position and by name.</param>
    /// <param name="options">Of this call.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StateLostException">The object was lost with its worker.</exception>
    /// <exception cref="PythonException">The method raised.</exception>
    /// <exception cref="PythonFunctionNotFoundException">It has no such method.</exception>
    /// <exception cref="PythonConversionException">Its result is no <typeparamref name="T"/>.</exception>
    /// <exception cref="WorkerCrashedException">The worker died meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed of, or its pool.</exception>
    public async Task<T> CallAsync<T>(string method, PythonArguments arguments, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(arguments);
        Home at = home.Present ?? await home.GetAsync(nameof(PythonRemote), cancellationToken).ConfigureAwait(false);
        return await pool.RunAsync<T>(Request(PythonOperation.Call, method, arguments), at, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Streams what a method yields: a generator, an asynchronous generator, or any iterable.</summary>
    /// <inheritdoc cref="CallAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public IAsyncEnumerable<T> StreamAsync<T>(string method, PythonArguments arguments, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(arguments);
        return pool.StreamAsync<T>(Request(PythonOperation.Stream, method, arguments), token => home.GetAsync(nameof(PythonRemote), token), options, cancellationToken);
    }

    /// <summary>The worker lets go of the object, when the calls on it that were made before have ended. If it has something to close, call that method first.</summary>
    public ValueTask DisposeAsync() => home.ReleaseAsync(pool.NewRelease);

    private static FunctionRequest Request(PythonOperation operation, string method, PythonArguments arguments) => new(operation, method, arguments);
}
