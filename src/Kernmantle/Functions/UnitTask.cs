using System.Threading.Tasks.Sources;

namespace Kernmantle.Functions;

/// <summary>A task without a result as one that has <see cref="Unit"/>. No step of its own lies between the two, as in an asynchronous method there would.</summary>
internal sealed class UnitTask : IValueTaskSource<Unit>
{
    private readonly Task task;

    private UnitTask(Task task) => this.task = task;

    public static ValueTask<Unit> Of(Task task) => task.IsCompletedSuccessfully ? default : new(new UnitTask(task), 0);

    public Unit GetResult(short token)
    {
        task.GetAwaiter().GetResult();
        return default;
    }

    public ValueTaskSourceStatus GetStatus(short token) => task.Status switch
    {
        TaskStatus.RanToCompletion => ValueTaskSourceStatus.Succeeded,
        TaskStatus.Faulted => ValueTaskSourceStatus.Faulted,
        TaskStatus.Canceled => ValueTaskSourceStatus.Canceled,
        _ => ValueTaskSourceStatus.Pending,
    };

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var awaiter = task.ConfigureAwait(flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext)).GetAwaiter();
        if (flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext))
            awaiter.OnCompleted(() => continuation(state));
        else
            awaiter.UnsafeOnCompleted(() => continuation(state));
    }
}
