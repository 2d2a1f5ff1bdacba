namespace Kernmantle;

/// <summary>
/// Makes calls on an object that lives in a worker: the <see cref="Remote{T}"/> itself, or, <see cref="With"/> options for these calls, what stands
/// for it.
/// </summary>
/// <remarks>Thread-safe. What <see cref="With"/> returns owns nothing: the <see cref="Remote{T}"/> is to be disposed of.</remarks>
/// <typeparam name="T">The type of the object.</typeparam>
public abstract partial class ObjectInvoker<T>
    where T : class
{
    private readonly Remote<T> remote;
    private readonly CallOptions callOptions;

    /// <param name="remote">Null: this is one.</param>
    /// <param name="callOptions">Of each call; they have been checked.</param>
    private protected ObjectInvoker(Remote<T>? remote, CallOptions callOptions)
    {
        this.remote = remote ?? (Remote<T>)this;
        this.callOptions = callOptions;
    }

    /// <summary>The same calls on the same object, made with these options. Costs one small object, and serves any number of calls.</summary>
    /// <param name="options">What they do not set is as it is here: as earlier options say, and else the pool's.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">Two options contradict each other.</exception>
    public ObjectInvoker<T> With(CallOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new OptionsInvoker(remote, options.Over(callOptions));
    }

    private sealed class OptionsInvoker(Remote<T> remote, CallOptions callOptions) : ObjectInvoker<T>(remote, callOptions);
}
