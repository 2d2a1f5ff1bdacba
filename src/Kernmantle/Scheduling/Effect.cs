using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>What a transition leaves to be done outside of the lock: a value, not a closure, so that a test can look at it.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Worker">To whom, where it is done to a worker.</param>
/// <param name="Call">For which call.</param>
/// <param name="Detail">What else it needs, by its kind.</param>
/// <param name="Number">A number that it needs, by its kind.</param>
internal readonly record struct Effect(EffectKind Kind, PoolWorker? Worker = null, Call? Call = null, object? Detail = null, long Number = 0);

/// <summary>The kinds of effect, and what each of them carries beside its worker and its call.</summary>
internal enum EffectKind
{
    /// <summary>Hands a quick call over to its worker. <see cref="Effect.Number"/>: its place there.</summary>
    Offer,

    /// <summary>Has the worker run the call.</summary>
    Dispatch,

    /// <summary>The same of a call that had to wait for its slot.</summary>
    DispatchLater,

    /// <summary>Sends the items of a map one by one.</summary>
    Scatter,

    /// <summary>Cancels the token of the call.</summary>
    CancelCall,

    /// <summary>The same of a quick call. <see cref="Effect.Detail"/>: the <see cref="CallAttempt"/>, since the object may be another call by then.</summary>
    CancelQuick,

    /// <summary>Ends the worker at once.</summary>
    Kill,

    /// <summary>A caller that attends a call on this worker is to wait for its end elsewhere.</summary>
    WakeCaller,

    /// <summary>Evidence of the worker may be wanted soon.</summary>
    PrepareEvidence,

    /// <summary>Takes evidence, then ends the worker for the call. <see cref="Effect.Detail"/>: the <see cref="CallAttempt"/>.</summary>
    TakeEvidence,

    /// <summary>Cancels a call that was handed over as a frame since its token was cancelled.</summary>
    RequestCancel,

    /// <summary>The links of the call are not followed between two attempts.</summary>
    Unwatch,

    /// <summary>Asks the user's policy whether to try again. <see cref="Effect.Detail"/>: the <see cref="RetryQuestion"/>; <see cref="Effect.Number"/>: the call's id.</summary>
    AskPolicy,

    /// <summary>Tells the caller of a map's frame that all of it is answered.</summary>
    Finish,

    /// <summary>Tells the caller. <see cref="Effect.Detail"/>: the <see cref="Outcome"/>.</summary>
    Settle,

    /// <summary>The same of a call that never became one. <see cref="Effect.Detail"/>: the <see cref="RefusedWaiter"/>.</summary>
    SettleWaiter,

    /// <summary>Starts the worker. <see cref="Effect.Detail"/>: the <see cref="WorkerStart"/>. Comes before others: those may run user code that waits for the pool's end, which waits for starts.</summary>
    Start,

    /// <summary>Tries a worker again after a pause. <see cref="Effect.Number"/>: the ticks of that.</summary>
    TryLater,
}

/// <summary>A waiter that ends without having become a call.</summary>
internal sealed record RefusedWaiter(Waiter Waiter, Outcome Outcome);

/// <summary>Which attempt of which call: its object may be another call by the time that somebody comes back to it.</summary>
internal sealed record CallAttempt(long Id, int Attempt)
{
    public static CallAttempt Of(Call call) => new(call.Id, call.Attempt);

    public bool Is(Call call) => call.Id == Id && call.Attempt == Attempt;
}

/// <summary>Whether a call is tried again.</summary>
/// <param name="Failed">The attempt.</param>
/// <param name="Policy">Whom to ask.</param>
/// <param name="Outcome">How the call ends if not.</param>
internal sealed record RetryQuestion(RetryAttempt Failed, RetryPolicy Policy, Outcome Outcome);
