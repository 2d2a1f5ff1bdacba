namespace Kernmantle.Functions;

/// <summary>
/// Calls functions with the arguments <typeparamref name="TArgs"/> (a <see cref="ValueTuple"/> of up to three items) and the
/// result <typeparamref name="R"/>, whatever way the function hands it back. Stateless and thread-safe.
/// </summary>
internal abstract class Invoker<TArgs, R>
{
    /// <summary>By the four bits of the shape that matter here.</summary>
    private static readonly Invoker<TArgs, R>?[] Known = new Invoker<TArgs, R>?[16];

    private static readonly Type?[] KnownTypes = new Type?[16];

    /// <summary>The type of the delegates that are called so.</summary>
    public static Type DelegateType(FunctionShape shape) =>
        KnownTypes[shape.Bits & 15] ??= DelegateTypes.Of(typeof(TArgs), typeof(R), shape);

    /// <summary>The invoker for delegates of <paramref name="delegateType"/>, which is <see cref="DelegateType"/> or a variant of it.</summary>
    /// <exception cref="ArgumentException">There are no functions of such arguments, result and shape.</exception>
    public static Invoker<TArgs, R> For(Type delegateType, FunctionShape shape) => Known[shape.Bits & 15] ?? Create(delegateType, shape);

    /// <summary>
    /// Calls a function that is not a stream. It begins on this thread; a synchronous one also ends there, and what it
    /// throws is thrown here.
    /// </summary>
    public abstract ValueTask<R> InvokeAsync(Delegate fn, in TArgs args, CancellationToken token);

    /// <summary>The same for a thread that waits.</summary>
    public virtual R Invoke(Delegate fn, in TArgs args, IFunctionWait wait, CancellationToken token) => wait.Wait(InvokeAsync(fn, in args, token));

    /// <summary>A delegate of ours in the place of such a function, which returns the default value at once; null where there is none.</summary>
    public virtual Delegate? StandIn() => null;

    /// <summary>Calls a function that is a stream.</summary>
    public virtual IAsyncEnumerable<R> InvokeStream(Delegate fn, in TArgs args, CancellationToken token) =>
        throw new InvalidOperationException("The function is not a stream.");

    private static Invoker<TArgs, R> Create(Type delegateType, FunctionShape shape)
    {
        // A variant delegate is of another type than the one it is called as.
        if (!delegateType.IsAssignableTo(DelegateType(shape)))
            throw new ArgumentException($"{delegateType} does not take {typeof(TArgs)} and return {typeof(R)} as {shape}.");
        object invoker = (shape.Kind, shape.IsVoid) switch
        {
            (ReturnKind.Value, _) => ForValue(shape),
            (ReturnKind.Task, false) => ForTask(shape),
            (ReturnKind.Task, true) => ForVoidTask(shape),
            _ => ForStream(shape),
        };
        return Known[shape.Bits & 15] = (Invoker<TArgs, R>)invoker;
    }

    // Each on its own, so that only the types of the one that is needed are loaded.
    private static ValueInvoker<TArgs, R> ForValue(FunctionShape shape) => new(Callers.For<TArgs, R>(shape.HasToken, returns: !shape.IsVoid));

    private static TaskInvoker<TArgs, R> ForTask(FunctionShape shape) => new(Callers.For<TArgs, Task<R>>(shape.HasToken, returns: true));

    private static VoidTaskInvoker<TArgs> ForVoidTask(FunctionShape shape) => new(Callers.For<TArgs, Task>(shape.HasToken, returns: true));

    private static StreamInvoker<TArgs, R> ForStream(FunctionShape shape) => new(Callers.For<TArgs, IAsyncEnumerable<R>>(shape.HasToken, returns: true));
}

internal sealed class ValueInvoker<TArgs, R>(Caller<TArgs, R> caller) : Invoker<TArgs, R>
{
    public override ValueTask<R> InvokeAsync(Delegate fn, in TArgs args, CancellationToken token) => new(caller.Call(fn, args, token));

    public override R Invoke(Delegate fn, in TArgs args, IFunctionWait wait, CancellationToken token) => caller.Call(fn, args, token);

    public override Delegate StandIn() => caller.StandIn(default!);
}

internal sealed class TaskInvoker<TArgs, R>(Caller<TArgs, Task<R>> caller) : Invoker<TArgs, R>
{
    public override ValueTask<R> InvokeAsync(Delegate fn, in TArgs args, CancellationToken token) => new(NotNull.Of(caller.Call(fn, args, token)));

    public override Delegate StandIn() => caller.StandIn(Task.FromResult(default(R)!));
}

internal sealed class VoidTaskInvoker<TArgs>(Caller<TArgs, Task> caller) : Invoker<TArgs, Unit>
{
    public override ValueTask<Unit> InvokeAsync(Delegate fn, in TArgs args, CancellationToken token) => UnitTask.Of(NotNull.Of(caller.Call(fn, args, token)));

    public override Delegate StandIn() => caller.StandIn(Task.CompletedTask);
}

internal sealed class StreamInvoker<TArgs, R>(Caller<TArgs, IAsyncEnumerable<R>> caller) : Invoker<TArgs, R>
{
    public override ValueTask<R> InvokeAsync(Delegate fn, in TArgs args, CancellationToken token) =>
        throw new InvalidOperationException("The function is a stream.");

    public override IAsyncEnumerable<R> InvokeStream(Delegate fn, in TArgs args, CancellationToken token) => NotNull.Of(caller.Call(fn, args, token));
}

/// <summary>A function that should return a task or a stream may return null; the failure should say so.</summary>
internal static class NotNull
{
    public static T Of<T>(T? returned)
        where T : class =>
        returned ?? throw new InvalidOperationException($"The function returned null where its type promises a {typeof(T).Name}.");
}
