using Kernmantle.Scheduling;

namespace Kernmantle;

/// <summary>
/// Makes calls on the workers of a <see cref="WorkerPool"/>: the pool itself, or, <see cref="With"/> options for these calls, what stands for it.
/// </summary>
/// <remarks>Thread-safe. It owns nothing and need not be disposed of: the pool is.</remarks>
public abstract partial class CallInvoker
{
    private readonly Submission calls;
    private readonly CallOptions callOptions;

    /// <param name="calls">Makes them.</param>
    /// <param name="callOptions">Of each call; they have been checked.</param>
    private protected CallInvoker(Submission calls, CallOptions callOptions) => (this.calls, this.callOptions) = (calls, callOptions);

    /// <summary>The same calls on the same workers, made with these options. Costs one small object, and serves any number of calls.</summary>
    /// <param name="options">What they do not set is as it is here: as earlier options say, and else the pool's.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">Two options contradict each other.</exception>
    public CallInvoker With(CallOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new OptionsInvoker(calls, options.Over(callOptions));
    }

    private sealed class OptionsInvoker(Submission calls, CallOptions callOptions) : CallInvoker(calls, callOptions);
}
