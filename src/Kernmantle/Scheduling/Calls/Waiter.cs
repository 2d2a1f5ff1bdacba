using System.Runtime.CompilerServices;
using Kernmantle.Functions;

namespace Kernmantle.Scheduling.Calls;

/// <summary>
/// A call that found the queue full. It is not encoded, and costs little, until it is admitted: what it carries is read then. The pool's lock
/// guards its place.
/// </summary>
internal abstract class Waiter
{
    /// <summary>The line it waits in; null once it has left it.</summary>
    public WaitingLine? Line { get; set; }

    public Waiter? Next { get; set; }

    public Waiter? Previous { get; set; }

    /// <summary>Watches the token of a call that is none yet.</summary>
    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>For metrics and traces, where there is no <see cref="Call"/> yet; null while nobody listens.</summary>
    public CallWatch? Watch { get; set; }

    /// <summary>What it is called.</summary>
    public abstract string Name { get; }

    /// <summary>The call itself, where there is one already.</summary>
    public virtual Call? Call => null;

    /// <summary>How many calls it stands for.</summary>
    public virtual int Count => 1;

    /// <summary>Admitting it runs no code of the program's: nothing that may block, and that the calls behind it would wait for.</summary>
    public virtual bool IsPlain => false;

    /// <summary>How many stand in line as it.</summary>
    public virtual int Members => 1;

    /// <summary>Takes the first of its members out of it; null: it is one, and has none.</summary>
    public virtual Waiter? TakeFirst() => null;

    /// <summary>It may run on any worker, as far as is known.</summary>
    public abstract bool RunsAnywhere { get; }

    /// <summary>There is room: reads what crosses. May run the user's code, and throw what that throws.</summary>
    public abstract Call Admit(Submission calls);

    /// <summary>It ends without having become a call, or without one that the pool knows.</summary>
    public abstract void End(Outcome outcome);
}

/// <summary>What <see cref="CallInvoker.RunAsync{T, TResult}(Func{T, TResult}, T, CancellationToken)"/> and its kin were given.</summary>
/// <param name="function">The function.</param>
/// <param name="shape">Its shape.</param>
/// <param name="arguments">Its arguments.</param>
/// <param name="options">Of the call.</param>
/// <param name="isPlain">As <see cref="Waiter.IsPlain"/>.</param>
/// <param name="promise">The caller's task, from the beginning.</param>
/// <param name="token">Cancels it.</param>
internal sealed class RunWaiter<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, bool isPlain, Task<TResult> promise, CancellationToken token) : Waiter
{
    private readonly TArgs arguments = arguments;

    public override string Name => options.Name ?? Function.NameOf(function);

    public override bool RunsAnywhere => options.Key is null;

    public override bool IsPlain => isPlain;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Call Admit(Submission calls) => calls.MakeCall(function, shape, arguments, options, promise, token);

    public override void End(Outcome outcome) => Promise<TResult>.SetFailure(promise, outcome, token);
}

/// <summary>
/// Many of those, without a token, that came one after the other with the same types, shape and options: each takes no more than its function, its arguments and its task. What a hundred
/// thousand objects cost is less their making than that the collector finds them all alive.
/// </summary>
internal sealed class RunWaiters<TArgs, TResult>(FunctionShape shape, CallOptions options, bool isPlain) : Waiter
{
    private const int FewestAtFirst = 4, Most = 256;

    private Delegate[] functions = new Delegate[FewestAtFirst];
    private TArgs[] arguments = new TArgs[FewestAtFirst];
    private Task<TResult>[] promises = new Task<TResult>[FewestAtFirst];
    private int first;
    private int end;

    public override int Count => end - first;

    public override int Members => end - first;

    public override string Name => options.Name ?? Function.NameOf(functions[first]);

    public override bool RunsAnywhere => options.Key is null;

    public override bool IsPlain => isPlain;

    /// <summary>One more, while it is the last in line. False: it is another kind, or there is no room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryAdd(Delegate function, FunctionShape itsShape, in TArgs itsArguments, CallOptions itsOptions, bool isItPlain, Task<TResult> promise)
    {
        if (end == Most || itsShape != shape || isItPlain != isPlain || !ReferenceEquals(itsOptions, options))
            return false;
        if (end == functions.Length)
        {
            int length = Math.Min(Most, 4 * end);
            Array.Resize(ref functions, length);
            Array.Resize(ref arguments, length);
            Array.Resize(ref promises, length);
        }
        (functions[end], arguments[end], promises[end]) = (function, itsArguments, promise);
        end++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Waiter TakeFirst()
    {
        var taken = new RunWaiter<TArgs, TResult>(functions[first], shape, arguments[first], options, isPlain, promises[first], CancellationToken.None);
        (functions[first], arguments[first], promises[first]) = (null!, default!, null!);
        first++;
        return taken;
    }

    public override Call Admit(Submission calls) => throw OneByOne();

    public override void End(Outcome outcome) => throw OneByOne();

    private static InvalidOperationException OneByOne() => new("Its members are taken out one by one.");
}

/// <summary>A call that is one already: of an object, of a stream, of another language, or one that was encoded when the queue filled up.</summary>
internal sealed class CallWaiter(Call call, bool isEncoded) : Waiter
{
    public override Call Call => call;

    public override string Name => call.Name;

    public override int Count => call.Count;

    public override bool IsPlain => isEncoded;

    public override bool RunsAnywhere => call.PinnedTo is null && call.Options.Key is null && !call.Shape.ResultIsInstance;

    public override Call Admit(Submission calls)
    {
        if (!isEncoded)
            calls.Prepare(call);
        return call;
    }

    public override void End(Outcome outcome) => throw new InvalidOperationException("The pool ends it as any call.");
}
