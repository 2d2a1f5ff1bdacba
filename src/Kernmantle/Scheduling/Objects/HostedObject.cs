using System.Runtime.CompilerServices;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Functions.Capturing;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Telemetry;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Objects;

/// <summary>An object in a worker of a pool of this process: makes it, makes calls on it, and passes on those of other workers.</summary>
internal abstract class HostedObject(Submission calls, RemoteOptions options, Func<CancellationToken, Call> create) : RemoteObject
{
    private static long lastId;

    private readonly ObjectHome home = new(calls, options.Recreate, create);

    public override long Id { get; } = Interlocked.Increment(ref lastId);

    public override bool IsAlive => home.IsAlive;

    /// <summary>A worker process may have any function run on an object that it was handed, wherever that lives; not in this process.</summary>
    public override string? StaysHere => calls.RunsInProcesses ? null : "Its object lives in the process of its host, where worker processes may have no functions run: create it in a pool of processes.";

    private protected Submission Calls => calls;

    private protected string TypeName { get; init; } = "";

    /// <summary>What stands for it is called that in messages: made once, since calls hand it on.</summary>
    private protected string RemoteName { get; init; } = "";

    public Task CreateAsync(CancellationToken cancellationToken) => home.CreateAsync(cancellationToken);

    private protected Home? Present => home.Present;

    private protected ValueTask<Home> HomeAsync(CancellationToken cancellationToken) => home.GetAsync(RemoteName, cancellationToken);

    /// <summary>Makes the call of a worker process on the object.</summary>
    /// <param name="caller">The worker.</param>
    /// <param name="callerName">Its name.</param>
    /// <param name="request">The call.</param>
    /// <param name="hasCallerGone">Nobody waits for it any more.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="DeadlockException">Its end would never come.</exception>
    public async Task<PassedResult> PassAsync(PoolWorker caller, string callerName, PassedRequest request, Func<bool> hasCallerGone, CancellationToken cancellationToken)
    {
        Home at = Present ?? await Task.Run(() => HomeAsync(cancellationToken).AsTask(), CancellationToken.None).ConfigureAwait(false);   // building it again runs the program's code, which this thread does not
        if (WorkerAt(at) == caller)
            return new([], null, at.Id);
        using CallWait wait = Enter(Server.Of(caller, interleaves: false, 0), callerName, at);
        var call = new PassedCall(request, calls.Scheduler.BoundOf(request.Options), hasCallerGone, cancellationToken);
        (at with { ForNested = true }).Pin(call);
        if (KernmantleTelemetry.Source.HasListeners())
            request.Trace?.Enter();   // for what follows here only
        calls.Pass(call);
        return await call.Task.ConfigureAwait(false);
    }

    /// <summary>The worker that has it; null if that is gone.</summary>
    private protected PoolWorker? WorkerAt(Home at)
    {
        lock (calls.Scheduler.Gate)
            return at.Slot.Generation == at.Generation ? at.Slot.Worker : null;
    }

    /// <summary>Somebody there is about to wait for a call on the object.</summary>
    /// <exception cref="DeadlockException">It would never end.</exception>
    private protected CallWait Enter(Server from, string name, Home at)
    {
        try
        {
            return CallCircles.Enter(from, Server.Of(WorkerAt(at), at.Slot.MaxInterleaved > 1, at.Id), $"a call in {name}", $"an object {TypeName} in {at.Slot.Name}");
        }
        catch (DeadlockException e)
        {
            ProcessEvents.Deadlock(calls.Scheduler.Log, e.Message.TrimEnd('.'));
            throw;
        }
    }

    /// <summary>As <see cref="ObjectHome.ReleaseAsync"/>.</summary>
    private protected ValueTask ReleaseAsync(Func<Call> release) => home.ReleaseAsync(release);
}

/// <summary>The same, with its type.</summary>
internal sealed class HostedObject<T> : HostedObject
    where T : class
{
    private static readonly FunctionShape ReleaseShape = new(ReturnKind.Task, IsVoid: true, HasToken: false, FirstIsInstance: true);

    public HostedObject(Submission calls, RemoteOptions options, Func<CancellationToken, Call> create)
        : base(calls, options, create)
    {
        Remote = new(this);
        (TypeName, RemoteName) = (GeneratedNames.Of(typeof(T)), GeneratedNames.Of(typeof(Remote<T>)));
    }

    /// <summary>What stands for it.</summary>
    public Remote<T> Remote { get; }

    public override Remote<TOther> As<TOther>() => Remote as Remote<TOther> ?? throw new InvalidPayloadException($"An object {TypeName} as a {typeof(TOther).Name}.");

    public override Task<TResult> CallAsync<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions options, CancellationToken cancellationToken)
    {
        return WorkerContext.Current?.Running is { IsOver: false } caller ? CallWithinAsync<TArgs, TResult>(caller, function, shape, arguments, bind, options, cancellationToken)
            : Present is { } at ? Calls.Run<TArgs, TResult>(function, shape, arguments, at, bind, options, cancellationToken)
            : CallAnewAsync<TArgs, TResult>(function, shape, arguments, bind, options, cancellationToken);
    }

    public override IAsyncEnumerable<TItem> StreamAsync<TArgs, TItem>(Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions options, CancellationToken cancellationToken) =>
        StreamCoreAsync<TArgs, TItem>(function, shape, arguments, bind, options, cancellationToken);

    public override ValueTask DisposeAsync() => ReleaseAsync(static () =>
    {
        Func<T, Task> release = static instance => Disposal.DisposeAsync(instance).AsTask();
        return new ValueCall<ValueTuple<T>, Unit>(release, ReleaseShape, default, Bind, new() { Name = "dispose" }, default) { ReleasesInstance = true };
    });

    private static ValueTuple<T> Bind(object instance, ValueTuple<T> arguments) => new((T)instance);

    private async Task<TResult> CallAnewAsync<TArgs, TResult>(Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions callOptions, CancellationToken cancellationToken)
    {
        Home at = await HomeAsync(cancellationToken).ConfigureAwait(false);
        return await Calls.Run<TArgs, TResult>(function, shape, arguments, at, bind, callOptions, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>By a call that runs in this process.</summary>
    private async Task<TResult> CallWithinAsync<TArgs, TResult>(RunningCall caller, Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions callOptions, CancellationToken cancellationToken)
    {
        Home at = await HomeAsync(cancellationToken).ConfigureAwait(true);   // a call on an object of the same worker is run by this very thread, or loop
        if (caller.Occupies(WorkerAt(at)))
            return await RunHereAsync<TArgs, TResult>(caller, at, function, shape, arguments, bind, callOptions, cancellationToken).ConfigureAwait(false);
        using CallWait wait = Enter(caller.Server, caller.WorkerName, at);
        return await Calls.Run<TArgs, TResult>(function, shape, arguments, at with { ForNested = true }, bind, callOptions, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The object lives where the calling call runs, which nobody else can serve meanwhile.</summary>
    private async Task<TResult> RunHereAsync<TArgs, TResult>(RunningCall caller, Home at, Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions callOptions, CancellationToken cancellationToken)
    {
        using var bound = CallBound.Of(Calls.Scheduler.BoundOf(callOptions), Calls.Scheduler.Clock, cancellationToken);
        var call = new ValueCall<TArgs, TResult>(function, shape, arguments, bind, callOptions, bound.Token);
        at.Pin(call);
        Calls.Prepare(call);
        Outcome outcome = await caller.RunAsync(call).ConfigureAwait(false);
        call.Scope?.Close();
        bound.ThrowIfOver(call.Name, outcome.IsCancelled);
        call.Complete(outcome);
        return await call.Task.ConfigureAwait(false);
    }

    private async IAsyncEnumerable<TItem> StreamCoreAsync<TArgs, TItem>(
        Delegate function,
        FunctionShape shape,
        TArgs arguments,
        Func<object, TArgs, TArgs> bind,
        CallOptions callOptions,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        RunningCall? caller = WorkerContext.Current?.Running is { IsOver: false } running ? running : null;
        Home at = await HomeAsync(outer).ConfigureAwait(false);
        using CallWait? wait = caller is null ? null : Enter(caller.Server, caller.WorkerName, at);
        at = at with { ForNested = caller is not null };
        IAsyncEnumerable<TItem> items = Streaming.ReadAsync(token => Calls.Start<TArgs, TItem>(function, shape, arguments, at, bind, callOptions, token), outer, inner);
        await foreach (TItem item in items.ConfigureAwait(false))
            yield return item;
    }
}
