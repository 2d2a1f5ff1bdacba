using System.Buffers;
using Kernmantle.Payloads;

namespace Kernmantle.Calls;

/// <summary>A call that ends with one value, with nothing (<see cref="Unit"/>), or with an object that stays in the worker.</summary>
internal sealed class ValueCall<TArgs, TResult>(
    Delegate function,
    FunctionShape shape,
    TArgs arguments,
    Func<object, TArgs>? bind,
    CallOptions options,
    CancellationToken token)
    : Call(function, shape, options, token)
{
    // Continuations must not run on a worker's thread, nor under the pool's lock.
    private readonly TaskCompletionSource<TResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => completion.Task;

    public override Task Ended => completion.Task;

    public override void Encode(long maxBytes) =>
        (Function, Payload, Scope) = CallEncoder.Encode<TArgs, TResult>(Delegate, Shape, arguments, maxBytes, LendsBuffers);

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
            TArgs bound = bind is null ? arguments : bind(instances.Get(InstanceId));
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
        if (!TryFail(completion, outcome))
            completion.TrySetResult(((Outcome.Valued<TResult>)outcome).Value);
    }
}
