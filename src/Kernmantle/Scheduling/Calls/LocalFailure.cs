using Kernmantle.Functions;

namespace Kernmantle.Scheduling.Calls;

/// <summary>Turns what a function threw in this process into the outcome it would have in another one.</summary>
internal static class LocalFailure
{
    public static Outcome Of(Exception exception, Call call, CancellationToken token)
    {
        if (exception is StateLostException lost)
            return Outcome.Failed(lost);
        if (exception is OperationCanceledException cancelled && (token.IsCancellationRequested || cancelled.CancellationToken.IsCancellationRequested))
            return Outcome.Cancelled;
        return Outcome.Failed(RemoteFailure.Of(exception).ToException(null, call.Name, exception));
    }
}
