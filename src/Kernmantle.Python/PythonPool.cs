using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Python.Calls;
using Kernmantle.Python.Facades;
using Kernmantle.Python.Mapping;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Workers;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Objects;
using Kernmantle.Scheduling.Streams;

namespace Kernmantle.Python;

/// <summary>
/// A supervised set of Python interpreters, each in a process of its own: real Python on all cores, whatever its global lock, isolated from
/// this program. Started, watched, logged and ended as the workers of <see cref="WorkerPool.Processes"/> are.
/// </summary>
/// <remarks>
/// <para>Thread-safe. Every call ends exactly once, with its result, one typed failure, or cancellation.</para>
/// <para>
/// Functions are named <c>"module:function"</c>. A synchronous one has its worker for itself. A coroutine (<c>async def</c>) shares it with
/// others, on one asyncio loop. On Jython each call has a thread, and shares its worker with others. Values are described in docs/python.md.
/// </para>
/// <para>
/// Cancellation raises <c>KeyboardInterrupt</c> in the function (cancels the task of a coroutine), and kills the worker after
/// <see cref="WorkerPoolOptions.KillGrace"/>. Everything a worker prints or logs arrives in the merged log.
/// </para>
/// </remarks>
public sealed class PythonPool : IAsyncDisposable, IDisposable
{
    private static readonly Dictionary<string, object?> NoVariables = [];

    private readonly PythonKind kind;
    private readonly Scheduler scheduler;
    private readonly PythonPoolOptions options;

    /// <summary>Makes a pool. Its workers start at the first call, or with <see cref="StartAsync"/>.</summary>
    /// <param name="workers">How many interpreters; 0 for the processor count.</param>
    /// <param name="options">Further options.</param>
    /// <exception cref="PythonNotFoundException">No interpreter was found.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or an option out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public PythonPool(int workers = 0, PythonPoolOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        this.options = options ?? new();
        this.options.Validate();
        workers = workers == 0 ? Environment.ProcessorCount : workers;
        Api.Inspection.AskedFor.Check();
        kind = new(workers, this.options);
        scheduler = new(kind, workers, this.options);
    }

    internal Scheduler Scheduler => scheduler;

    /// <summary>The pool's name.</summary>
    public string Name => options.Name;

    /// <summary>By what means calls are held to <see cref="Limits"/> on this machine.</summary>
    public EnforcedLimits EnforcedLimits => kind.EnforcedLimits;

    /// <summary>How many interpreters it has, at most.</summary>
    public int WorkerCount => scheduler.WorkerCount;

    /// <summary>Figures of this moment.</summary>
    public PoolStatistics Statistics => scheduler.Statistics;

    /// <summary>What the pool can do at this moment.</summary>
    public PoolState State => scheduler.State;

    /// <summary>Starts the workers and waits until all take calls. Not needed: the first call starts them too.</summary>
    /// <exception cref="PoolBrokenException">The workers do not stay alive.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => scheduler.Supervisor.StartAsync(cancellationToken);

    /// <summary>Starts the workers and says what interpreter they are.</summary>
    /// <exception cref="PoolBrokenException">The workers do not stay alive.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of.</exception>
    public async Task<PythonInterpreter> GetInterpreterAsync(CancellationToken cancellationToken = default)
    {
        await scheduler.Supervisor.StartAsync(cancellationToken).ConfigureAwait(false);
        if (options.MinWorkers == 0 && !kind.Interpreter.IsCompleted)
            await EvalAsync<object?>("None", cancellationToken: cancellationToken).ConfigureAwait(false);   // there may be none to ask
        return await kind.Interpreter.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="WorkerPool.WaitForRoomAsync"/>
    public Task WaitForRoomAsync(CancellationToken cancellationToken = default) => scheduler.Room.WaitAsync(cancellationToken);

    /// <summary>Calls a function with arguments by position.</summary>
    /// <typeparam name="T">The type of the result; <see cref="object"/> for whatever comes.</typeparam>
    /// <param name="function"><c>"module:function"</c>, or <c>"module:object.method"</c>; the module may be the full path of a file that ends in <c>.py</c>.</param>
    /// <param name="arguments">
    /// The arguments. For arguments by name, options or cancellation, use <see cref="PythonArguments"/>; <see cref="CallOptions"/> among the
    /// arguments are refused.
    /// </param>
    /// <inheritdoc cref="CallAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public Task<T> CallAsync<T>(string function, params ReadOnlySpan<object?> arguments) =>
        CallAsync<T>(function, PythonArguments.Of(arguments));

    /// <summary>Calls a function without arguments.</summary>
    /// <inheritdoc cref="CallAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public Task<T> CallAsync<T>(string function, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        CallAsync<T>(function, PythonArguments.None, options, cancellationToken);

    /// <summary>Calls a function.</summary>
    /// <typeparam name="T">The type of the result; <see cref="object"/> for whatever comes.</typeparam>
    /// <exception cref="PythonException">It raised.</exception>
    /// <exception cref="PythonFunctionNotFoundException">There is no such function.</exception>
    /// <exception cref="PythonConversionException">Its result is no <typeparamref name="T"/>.</exception>
    /// <exception cref="NotPortableException">An argument has no Python counterpart.</exception>
    /// <exception cref="WorkerCrashedException">The interpreter died: <c>sys.exit</c>, <c>os._exit</c>, a crash in native code.</exception>
    /// <exception cref="CallTimeoutException">It ran longer than its timeout.</exception>
    public Task<T> CallAsync<T>(string function, PythonArguments arguments, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentNullException.ThrowIfNull(arguments);
        return RunAsync<T>(new FunctionRequest(PythonOperation.Call, function, arguments), options, cancellationToken);
    }

    /// <summary>Evaluates an expression in the module <c>__main__</c> of a worker.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="variables">Values it may name.</param>
    /// <param name="options">How the call is to be treated.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <inheritdoc cref="CallAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public Task<T> EvalAsync<T>(string expression, IReadOnlyDictionary<string, object?>? variables = null, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(expression);
        return RunAsync<T>(new SourceRequest(PythonOperation.Eval, expression, variables ?? NoVariables), options, cancellationToken);
    }

    /// <summary>
    /// Executes statements in the module <c>__main__</c> of a worker, where what they define stays. With several workers that is one of them: use a
    /// <see cref="CallOptions.Key"/>, one worker, or <see cref="PythonPoolOptions.Setup"/>.
    /// </summary>
    /// <inheritdoc cref="EvalAsync"/>
    public Task ExecAsync(string code, IReadOnlyDictionary<string, object?>? variables = null, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(code);
        return RunAsync<Unit>(new SourceRequest(PythonOperation.Exec, code, variables ?? NoVariables), options, cancellationToken);
    }

    /// <summary>
    /// Runs a file as a program (<c>__main__</c>, with <c>sys.argv</c>), to its end: threads that are no daemons finish first, and what was registered with
    /// <c>atexit</c> runs. Its standard input is empty. Its worker is replaced afterwards.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="arguments">What <c>sys.argv</c> has behind the file.</param>
    /// <param name="options">How the call is to be treated.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Its exit code: 0, or what it gave to <c>sys.exit</c>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="PythonException">It raised, or is no Python: the traceback then shows the line and a caret.</exception>
    /// <exception cref="WorkerCrashedException">The interpreter died: <c>os._exit</c>, a crash in native code.</exception>
    /// <exception cref="CallTimeoutException">It ran longer than its timeout.</exception>
    public Task<int> RunScriptAsync(string path, IReadOnlyList<string>? arguments = null, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
            return Task.FromException<int>(new FileNotFoundException($"There is no script '{full}'.", full));
        return RunAsync<int>(new ScriptRequest(full, arguments ?? []), options, cancellationToken, endsWorker: true);
    }

    /// <summary>Streams what a generator, an asynchronous generator, or any iterable yields, no further ahead than <see cref="WorkerPoolOptions.StreamWindow"/>.</summary>
    /// <inheritdoc cref="CallAsync{T}(string, ReadOnlySpan{object})"/>
    public IAsyncEnumerable<T> StreamAsync<T>(string function, params ReadOnlySpan<object?> arguments) =>
        StreamAsync<T>(function, PythonArguments.Of(arguments));

    /// <summary>Streams what a function without arguments yields.</summary>
    /// <inheritdoc cref="CallAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public IAsyncEnumerable<T> StreamAsync<T>(string function, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync<T>(function, PythonArguments.None, options, cancellationToken);

    /// <summary>Streams what a generator, an asynchronous generator, or any iterable yields, no further ahead than <see cref="WorkerPoolOptions.StreamWindow"/>.</summary>
    /// <inheritdoc cref="CallAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public IAsyncEnumerable<T> StreamAsync<T>(string function, PythonArguments arguments, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentNullException.ThrowIfNull(arguments);
        var request = new FunctionRequest(PythonOperation.Stream, function, arguments);
        CallOptions named = Named(request.Name, options);
        return Streaming.ReadAsync(token => Streaming.Start(scheduler.Submission, NewStream<T>(request, named, token)), cancellationToken);
    }

    /// <summary>Makes an object that lives in a worker: calls a class, or a function that returns the object, with arguments by position.</summary>
    /// <inheritdoc cref="CreateAsync(string, PythonArguments, RemoteOptions, CallOptions, CancellationToken)"/>
    public Task<PythonRemote> CreateAsync(string type, params ReadOnlySpan<object?> arguments) => CreateAsync(type, PythonArguments.Of(arguments));

    /// <summary>Makes an object that lives in a worker: calls a class, or a function, a coroutine function too, that returns the object. It stays there until it is disposed of, and is lost with its worker.</summary>
    /// <param name="type"><c>"module:Class"</c>, or <c>"module:function"</c>.</param>
    /// <param name="arguments">The arguments, by position and by name.</param>
    /// <param name="options">Whether it is made again after it was lost.</param>
    /// <param name="callOptions">Of the call that makes it.</param>
    /// <param name="cancellationToken">Cancels that call.</param>
    /// <exception cref="PythonException">Making it raised.</exception>
    /// <exception cref="PythonFunctionNotFoundException">There is no such class or function.</exception>
    /// <exception cref="WorkerCrashedException">The worker died meanwhile.</exception>
    public async Task<PythonRemote> CreateAsync(string type, PythonArguments arguments, RemoteOptions? options = null, CallOptions? callOptions = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentNullException.ThrowIfNull(arguments);
        var request = new FunctionRequest(PythonOperation.Create, type, arguments);
        CallOptions named = Named(type, callOptions);
        var home = new ObjectHome(scheduler.Submission, options?.Recreate == true, token => NewCall<object?>(request, named, token));
        await home.CreateAsync(cancellationToken).ConfigureAwait(false);
        return new(this, type, home);
    }

    /// <summary>
    /// Gives a module its typed face: imports it in a worker, and compares the signatures of its functions with the methods of the interface. What differs fails
    /// here, all of it at once, and not at the first call.
    /// </summary>
    /// <typeparam name="T">A partial interface with a <see cref="PythonModuleAttribute"/>: the compiler writes what it does.</typeparam>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Its methods are calls on this pool. Thread-safe; lasts as long as the pool, and need not be disposed of.</returns>
    /// <remarks>The import may take <see cref="PythonPoolOptions.TransferTimeout"/>, as that of a first call.</remarks>
    /// <exception cref="NotSupportedException">The interpreter is Jython.</exception>
    /// <exception cref="PythonSignatureException">Functions are missing, or differ from the methods.</exception>
    /// <exception cref="PythonFunctionNotFoundException">There is no such module.</exception>
    /// <exception cref="PythonException">Its import raised.</exception>
    /// <exception cref="FileNotFoundException">Its file is not there.</exception>
    /// <exception cref="WorkerCrashedException">The interpreter died of the import.</exception>
    /// <exception cref="CallTimeoutException">The import took too long.</exception>
    public async Task<T> BindAsync<T>(CancellationToken cancellationToken = default)
        where T : class, IPythonModule<T>
    {
        if (kind.IsPython2)
            throw new NotSupportedException("Jython's language, Python 2.7, has no signatures to compare: call its functions by their names.");
        PythonModule<T> face = T.PythonFace;
        string module = face.Locate();
        var request = new FunctionRequest(PythonOperation.Call, "kernmantle:_signatures", PythonArguments.Of(module, face.Methods.Select(static m => m.Function).ToArray()));
        FoundFunction[] found = await RunAsync<FoundFunction[]>(request, new() { Name = SignatureCheck.CallName(typeof(T).Name), Timeout = options.TransferTimeout }, cancellationToken).ConfigureAwait(false);
        SignatureCheck.Check(typeof(T).Name, module, face.Methods, found);
        return face.Create(new(this, module));
    }

    /// <summary>
    /// Calls a function of one argument for every input, in all workers, and yields the results in the order of the inputs. Inputs are pulled no faster than
    /// results are taken. Small calls travel many at a time, yet each begins, ends and fails by itself.
    /// </summary>
    public IAsyncEnumerable<MapResult<T, TResult>> MapAsync<T, TResult>(string function, IEnumerable<T> inputs, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Map<T, TResult>(function, Listed(inputs), options, ordered: true, cancellationToken);

    /// <inheritdoc cref="MapAsync{T, TResult}(string, IEnumerable{T}, CallOptions, CancellationToken)"/>
    public IAsyncEnumerable<MapResult<T, TResult>> MapAsync<T, TResult>(string function, IAsyncEnumerable<T> inputs, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Map<T, TResult>(function, inputs, options, ordered: true, cancellationToken);

    /// <summary>As <see cref="MapAsync{T, TResult}(string, IEnumerable{T}, CallOptions, CancellationToken)"/>, in the order in which they finish.</summary>
    public IAsyncEnumerable<MapResult<T, TResult>> MapUnorderedAsync<T, TResult>(string function, IEnumerable<T> inputs, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Map<T, TResult>(function, Listed(inputs), options, ordered: false, cancellationToken);

    /// <inheritdoc cref="MapUnorderedAsync{T, TResult}(string, IEnumerable{T}, CallOptions, CancellationToken)"/>
    public IAsyncEnumerable<MapResult<T, TResult>> MapUnorderedAsync<T, TResult>(string function, IAsyncEnumerable<T> inputs, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Map<T, TResult>(function, inputs, options, ordered: false, cancellationToken);

    /// <summary>
    /// Calls a function of one argument for every input, in all workers, and returns the results as one array, in the order of the inputs. Failures are collected; with
    /// <see cref="CallOptions.StopAtFirstFailure"/> the first one ends the map.
    /// </summary>
    /// <exception cref="MapFailedException">Items failed.</exception>
    public Task<TResult[]> MapToArrayAsync<T, TResult>(string function, IEnumerable<T> inputs, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<T> listed = Listed(inputs);
        CallOptions named = Named(function, options);
        var results = new MapResults<TResult>(() => named.Name!, null, keeps: true, named.StopAtFirstFailure == true, meter: null);
        return ArrayMapping.RunAsync(Map<T, TResult>(function, listed, options, ordered: false, cancellationToken), results, cancellationToken);
    }

    /// <summary>
    /// Refuses new calls, lets the others finish for <see cref="WorkerPoolOptions.DrainTimeout"/>, ends the rest (they fail with
    /// <see cref="ObjectDisposedException"/>), and completes when no worker is left.
    /// </summary>
    public ValueTask DisposeAsync() => new(scheduler.Shutdown.BeginAsync());

    /// <inheritdoc cref="WorkerPool.StopAsync"/>
    public Task StopAsync(CancellationToken cancellationToken = default) => scheduler.Shutdown.StopAsync(cancellationToken);

    /// <summary>As <see cref="DisposeAsync"/>; blocks.</summary>
    public void Dispose() => scheduler.Shutdown.BeginAsync().GetAwaiter().GetResult();

    /// <summary>As <see cref="DisposeAsync"/>, without letting anything finish.</summary>
    public Task KillAsync() => scheduler.Shutdown.KillAsync();

    /// <summary>A call of a method of an object that lives there.</summary>
    internal Task<T> RunAsync<T>(FunctionRequest request, Home at, CallOptions? options, CancellationToken cancellationToken)
    {
        PythonCall<T> call = NewCall<T>(request, Named(request.Name, options), cancellationToken);
        at.Pin(call);
        return Send(call, call.Memory) is { } failure ? Task.FromException<T>(failure) : call.Task;
    }

    /// <summary>The same of one that yields items.</summary>
    internal async IAsyncEnumerable<T> StreamAsync<T>(FunctionRequest request, Func<CancellationToken, ValueTask<Home>> at, CallOptions? options, CancellationToken outer, [EnumeratorCancellation] CancellationToken inner = default)
    {
        CallOptions named = Named(request.Name, options);
        Home home = await at(outer).ConfigureAwait(false);
        IAsyncEnumerable<T> items = Streaming.ReadAsync(
            token =>
            {
                PythonStreamCall<T> call = NewStream<T>(request, named, token);
                home.Pin(call);
                return Streaming.Start(scheduler.Submission, call);
            },
            outer,
            inner);
        await foreach (T item in items.ConfigureAwait(false))
            yield return item;
    }

    /// <summary>The call by which a worker lets go of an object.</summary>
    internal Call NewRelease() => new PythonCall<object?>(new ReleaseRequest(), NewMemory(WorkerPool.NoOptions), tellBegin: false, new() { Name = "release" }, default) { ReleasesInstance = true };

    private Task<T> RunAsync<T>(PythonRequest request, CallOptions? options, CancellationToken cancellationToken, bool endsWorker = false)
    {
        PythonCall<T> call = NewCall<T>(request, Named(request.Name, options), cancellationToken, endsWorker);
        return Send(call, call.Memory) is { } failure ? Task.FromException<T>(failure) : call.Task;
    }

    private PythonCall<T> NewCall<T>(PythonRequest request, CallOptions named, CancellationToken cancellationToken, bool endsWorker = false) =>
        new(request, NewMemory(named), TellsBegin(named), named, cancellationToken) { EndsWorker = endsWorker };

    private PythonStreamCall<T> NewStream<T>(FunctionRequest request, CallOptions named, CancellationToken token) =>
        new(request, NewMemory(named), TellsBegin(named), named, options.FrameWindow, CancellationTokenSource.CreateLinkedTokenSource(token));

    private Exception? Send(Call call, CallMemory memory)
    {
        Exception? failure = scheduler.Submission.Send(call);
        if (failure is not null)
            memory.Close(again: true);
        return failure;
    }

    private IAsyncEnumerable<MapResult<T, TResult>> Map<T, TResult>(string function, IAsyncEnumerable<T> inputs, CallOptions? options, bool ordered, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentNullException.ThrowIfNull(inputs);
        CallOptions named = Named(function, options);
        return MapMeter.Metered(scheduler, () => named.Name!, inputs, named, Unmetered<T, TResult>(function, inputs, named, ordered, cancellationToken));
    }

    private IAsyncEnumerable<MapResult<T, TResult>> Unmetered<T, TResult>(string function, IAsyncEnumerable<T> inputs, CallOptions named, bool ordered, CancellationToken cancellationToken)
    {
        if (TellsBegin(named) || named.Retry is not null || named.Key is not null || this.options.Retry is not null)
        {
            Func<T, CancellationToken, Task<TResult>> one = (input, token) => CallAsync<TResult>(function, PythonArguments.Of(input), named, token);
            return ordered
                ? Kernmantle.Scheduling.Maps.Mapping.InOrderAsync(scheduler.Submission, inputs, one, cancellationToken)
                : Kernmantle.Scheduling.Maps.Mapping.AsFinishedAsync(scheduler.Submission, inputs, one, endsWithPool: true, cancellationToken);
        }
        return PythonMapping.RunAsync<T, TResult>(scheduler, kind, function, inputs, named, ordered, cancellationToken);
    }

    private static IAsyncEnumerable<T> Listed<T>(IEnumerable<T> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Kernmantle.Scheduling.Maps.Mapping.AsAsync(inputs);
    }

    private CallMemory NewMemory(CallOptions call) => kind.NewMemory(lends: (call.Retry ?? options.Retry) is null);

    /// <summary>Whether the host must hear at once that the call has begun: its timeout, and what it may use, count from there.</summary>
    private bool TellsBegin(CallOptions call) => scheduler.BoundOf(call) != Timeout.InfiniteTimeSpan || scheduler.LimitsOf(call) is not null;

    private static CallOptions Named(string name, CallOptions? options) => WorkerPool.Checked(options).Over(new() { Name = name });
}
