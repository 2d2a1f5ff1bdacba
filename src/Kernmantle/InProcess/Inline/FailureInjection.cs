using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.InProcess.Inline;

/// <summary>Asks the test which attempts fail. One for each pool. Thread-safe.</summary>
internal sealed class FailureInjection(Func<InlineCall, Exception?> generator)
{
    private long attempts;

    /// <summary>The failure that the attempt ends with; null if it is to be made. Runs the user's code, and does not throw.</summary>
    public WorkerException? FailureOf(Call call)
    {
        if (call.ReleasesInstance)
            return null;
        Exception? failure;
        try
        {
            failure = generator(new(call.Name, call.Attempt, Interlocked.Increment(ref attempts), ArgumentsOf(call)));
        }
        catch (Exception e)
        {
            failure = e;
        }
        return failure is null or WorkerException ? (WorkerException?)failure : RemoteFailure.Of(failure).ToException(null, null, failure);
    }

    /// <summary>Whether a process is not used again after a call that ended so.</summary>
    public static bool EndsWorker(WorkerException failure) => failure
        is WorkerCrashedException
        or CallTimeoutException
        or MemoryLimitException
        or CpuLimitException
        or ProcessCountLimitException
        or OpenFilesLimitException
        or OutputLimitException
        or StateLostException;

    private static object?[] ArgumentsOf(Call call)
    {
        ITuple all = call.Arguments!;
        var arguments = new object?[all.Length - (call.Shape.FirstIsInstance ? 1 : 0)];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = all[all.Length - arguments.Length + i];
        return arguments;
    }
}
