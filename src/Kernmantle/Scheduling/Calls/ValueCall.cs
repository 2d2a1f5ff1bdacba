using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Calls;

/// <summary>A call that ends with one value, with nothing (<see cref="Unit"/>), or with an object that stays in the worker.</summary>
internal sealed class ValueCall<TArgs, TResult>(
    Delegate function,
    FunctionShape shape,
    TArgs arguments,
    Func<object, TArgs, TArgs>? bind,
    CallOptions options,
    CancellationToken token,
    Task<TResult>? promise = null)
    : Call(function, shape, options, token)
{
    /// <summary>A <see cref="Promise{T}"/>: the caller's own, where it had to wait for room in the queue.</summary>
    public Task<TResult> Task { get; } = promise ?? Promise<TResult>.Create();

    public override Task Ended => Task;

    public override ITuple? Arguments => arguments as ITuple;

    public override void CheckPortable() => _ = Kernmantle.Functions.Function.Of<TArgs, TResult>(Delegate, Shape);

    public override void Encode(long maxBytes) =>
        (Function, Payload, Scope) = CallEncoder.Encode<TArgs, TResult>(Delegate, Shape, arguments, maxBytes, Lending);

    public override Outcome Decode(ref PayloadReader reader) => Shape.ResultIsInstance || Shape.IsVoid
        ? Outcome.Success<TResult>(default!)
        : Outcome.Success(Function!.ResultCodec<TResult>().Read(ref reader));

    public override async ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token)
    {
        try
        {
            if (ReleasesInstance)
            {
                await instances.ReleaseAsync(InstanceId).ConfigureAwait(false);
                return Outcome.Success<TResult>(default!);
            }
            TArgs bound = bind is null ? arguments : bind(instances.Get(InstanceId), arguments);
            TResult result = await Invoker<TArgs, TResult>.For(Delegate.GetType(), Shape).InvokeAsync(Delegate, bound, token).ConfigureAwait(false);
            if (!Shape.ResultIsInstance)
                return Outcome.Success(result);
            instances.Add(Id, result ?? throw new InvalidOperationException("The function that creates a Remote's object returned null."));
            return Outcome.Success<TResult>(default!);
        }
        catch (Exception e)
        {
            return LocalFailure.Of(e, this, token);
        }
    }

    public override void Complete(Outcome outcome)
    {
        if (outcome.Failure is not null || outcome.IsCancelled)
            Promise<TResult>.SetFailure(Task, outcome, Token);
        else
            Promise<TResult>.SetResult(Task, ((Outcome.Valued<TResult>)outcome).Value);
    }
}
