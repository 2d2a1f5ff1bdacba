using System.Runtime.CompilerServices;

namespace Kernmantle.Scheduling.Calls;

/// <summary>
/// A task that is completed from outside, without the object that <see cref="TaskCompletionSource{TResult}"/> puts beside it. What it calls is not
/// promised by the platform: where it is not there, the source is taken after all.
/// </summary>
internal static class Promise<T>
{
    private static readonly ConditionalWeakTable<Task<T>, TaskCompletionSource<T>> Sources = [];
    private static readonly bool IsBare = Probe();

    /// <summary>A new one. Its continuations never run on the thread that completes it.</summary>
    public static Task<T> Create()
    {
        if (IsBare)
            return New(null, TaskCreationOptions.RunContinuationsAsynchronously);
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Sources.Add(source.Task, source);
        return source.Task;
    }

    public static void SetResult(Task<T> promise, T value)
    {
        if (IsBare)
            TrySetResult(promise, value);
        else
            Take(promise).TrySetResult(value);
    }

    /// <param name="promise">It.</param>
    /// <param name="failure">Or a cancellation.</param>
    /// <param name="token">The caller's, which a cancellation names if it was cancelled.</param>
    public static void SetFailure(Task<T> promise, Outcome failure, CancellationToken token = default)
    {
        CancellationToken cause = token.IsCancellationRequested ? token : new(canceled: true);
        if (!IsBare)
        {
            Fail(Take(promise), failure, cause);
            return;
        }
        if (failure.IsCancelled)
            TrySetCanceled(promise, cause, null);
        else
            TrySetException(promise, failure.Failure!);
    }

    private static TaskCompletionSource<T> Take(Task<T> promise) =>
        Sources.TryGetValue(promise, out TaskCompletionSource<T>? source) ? source : throw new InvalidOperationException("Not a promise.");

    private static void Fail(TaskCompletionSource<T> source, Outcome failure, CancellationToken cause)
    {
        if (failure.IsCancelled)
            source.TrySetCanceled(cause);
        else
            source.TrySetException(failure.Failure!);
    }

    private static bool Probe()
    {
        try
        {
            Task<T> done = New(null, TaskCreationOptions.RunContinuationsAsynchronously);
            Task<T> failed = New(null, TaskCreationOptions.None), cancelled = New(null, TaskCreationOptions.None);
            bool works = TrySetResult(done, default!) && TrySetException(failed, new OperationCanceledException()) && TrySetCanceled(cancelled, default, null);
            return works && done.IsCompletedSuccessfully && failed.Exception is not null && cancelled.IsCanceled;
        }
        catch (Exception e) when (e is MissingMemberException or TypeLoadException or NotSupportedException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern Task<T> New(object? state, TaskCreationOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "TrySetResult")]
    private static extern bool TrySetResult(Task<T> promise, T? value);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "TrySetException")]
    private static extern bool TrySetException(Task promise, object exception);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "TrySetCanceled")]
#pragma warning disable CA1068 // In the order that the platform has.
    private static extern bool TrySetCanceled(Task promise, CancellationToken token, object? exception);
#pragma warning restore CA1068
}
