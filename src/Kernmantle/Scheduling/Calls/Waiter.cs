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

    /// <summary>It may run on any worker, as far as is known.</summary>
    public abstract bool RunsAnywhere { get; }

    /// <summary>There is room: reads what crosses. May run the user's code, and throw what that throws.</summary>
    public abstract Call Admit(Submission calls);

    /// <summary>It ends without having become a call, or without one that the pool knows.</summary>
    public abstract void End(Outcome outcome);
}

/// <summary>What <see cref="CallInvoker.RunAsync{T, TResult}(Func{T, TResult}, T, CancellationToken)"/> and its kin were given.</summary>
internal sealed class RunWaiter<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken token) : Waiter
{
    private readonly TArgs arguments = arguments;

    /// <summary>The caller's, from the beginning.</summary>
    public Task<TResult> Task { get; } = Promise<TResult>.Create();

    public override string Name => options.Name ?? Function.NameOf(function);

    public override bool RunsAnywhere => options.Key is null;

    public override Call Admit(Submission calls) => calls.MakeCall(function, shape, arguments, options, Task, token);

    public override void End(Outcome outcome) => Promise<TResult>.SetFailure(Task, outcome, token);
}

/// <summary>A call that is one already: of an object, of a stream, of another language, or one that was encoded when the queue filled up.</summary>
internal sealed class CallWaiter(Call call, bool isEncoded) : Waiter
{
    public override Call Call => call;

    public override string Name => call.Name;

    public override int Count => call.Count;

    public override bool RunsAnywhere => call.PinnedTo is null && call.Options.Key is null && !call.Shape.ResultIsInstance;

    public override Call Admit(Submission calls)
    {
        if (!isEncoded)
            calls.Prepare(call);
        return call;
    }

    public override void End(Outcome outcome) => throw new InvalidOperationException("The pool ends it as any call.");
}
