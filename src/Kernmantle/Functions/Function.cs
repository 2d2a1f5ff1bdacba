using System.Reflection;
using Kernmantle.Functions.Capturing;
using Kernmantle.Functions.Descriptors;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>
/// What the host knows of a function: which method it is, and how its captured variables, arguments and result cross. One
/// object for all delegates of the same method, delegate type and target type, whatever they capture. Thread-safe; immutable but for what is learnt of its calls.
/// </summary>
internal sealed class Function
{
    private static int lastId;

    private readonly MethodInfo method;
    private readonly CapturedTarget captures;
    private readonly object arguments;
    private readonly object result;
    private string? displayName;
    private readonly bool assigns;
    private int warned;

    /// <exception cref="NotPortableException">It cannot cross.</exception>
    internal Function(Delegate function, MethodInfo method, Type delegateType, FunctionShape shape)
    {
        this.method = method;
        Refusals.Check(function, method);
        (Type tuple, Type resultType) = DelegateTypes.Split(delegateType, shape);
        captures = Captures.Of(function.Target, method);
        assigns = captures.Assigned.Count > 0;
        arguments = Arguments.Of(tuple, ParameterNames(method, tuple), shape.FirstIsInstance);
        result = Results.Of(resultType, shape);
        Descriptor = DescriptorWriter.Write(delegateType, shape, method, function.Target?.GetType(), captures);
        Id = Interlocked.Increment(ref lastId);
    }

    /// <summary>One of another process's, of which this one knows the description, and does not read that.</summary>
    private Function(string displayName, ReadOnlyMemory<byte> descriptor)
    {
        (method, captures, arguments, result) = (null!, null!, null!, null!);
        this.displayName = displayName;
        Descriptor = descriptor;
        Id = Interlocked.Increment(ref lastId);
        IsPassedOn = true;
    }

    /// <summary>A function that a worker described, to be called in another one: nothing of it is looked at, or loaded, here.</summary>
    public static Function PassedOn(string displayName, ReadOnlyMemory<byte> descriptor) => new(displayName, descriptor);

    /// <summary>It is none of this process's: it can be named to workers, and nothing else.</summary>
    public bool IsPassedOn { get; }

    /// <summary>Unique in this process; 1 or more.</summary>
    public int Id { get; }

    /// <summary>For people: <c>Type.Method</c>. Looks the line of a lambda up when it is first asked for.</summary>
    public string DisplayName => displayName ??= GeneratedNames.Of(method);

    /// <summary>It assigns captured variables, and nobody has been told.</summary>
    public bool AssignsUntold => assigns && Volatile.Read(ref warned) == 0;

    /// <summary>
    /// The captured variables whose assignment the caller will not see, the first time somebody asks; then none, since once is enough to be told.
    /// </summary>
    public IReadOnlyList<string> TakeAssigned() => captures.Assigned.Count == 0 || Interlocked.Exchange(ref warned, 1) != 0 ? [] : captures.Assigned;

    /// <summary>A token or a progress sink has crossed with a call of it.</summary>
    public bool HasLinks { get; set; }

    /// <summary>Whether all that it takes and returns crosses by value: then many calls fit one frame.</summary>
    public bool MayBatch<T, R>() =>
        captures.IsByValue
        && Codecs.For<T>() is not (ILinkCodec or SharedBuffers.ISharedBufferCodec)
        && (typeof(R) == typeof(Unit) || ResultCodec<R>() is not (ILinkCodec or SharedBuffers.ISharedBufferCodec));

    /// <summary>Whether writing what it captures and takes runs no code of the program's.</summary>
    public bool IsPlain<TArgs>() => captures.IsPlain && ArgumentsOf<TArgs>().IsPlain;

    /// <summary>The same of calls that come one by one, each with what it captures, where no code of the program's reads their results.</summary>
    public bool MayJoin<TArgs, R>() =>
        captures.IsByValue
        && ArgumentsOf<TArgs>().IsByValue
        && (typeof(R) == typeof(Unit) || ResultCodec<R>() is IPlainCodec and not (ILinkCodec or SharedBuffers.ISharedBufferCodec));

    /// <summary>Whether what it takes and returns crosses as its bits, so that a worker can run it over memory that both see.</summary>
    public bool MaySlice<T, R>(FunctionShape shape) =>
        shape.Kind == ReturnKind.Value
        && captures.IsPlain
        && Codecs.For<T>() is BitsCodec<T> && Bits.MayRun(typeof(T))
        && (shape.IsVoid || (ResultCodec<R>() is BitsCodec<R> && Bits.MayRun(typeof(R))));

    /// <summary>None of its calls can change what it captures.</summary>
    public bool BindsOnce => captures.IsFrozen;

    /// <summary>How long its calls take in workers.</summary>
    public CallDuration Duration { get; } = new();

    /// <summary>What a worker needs to find the function: <see cref="WorkerFunction.Resolve"/> reads it.</summary>
    public ReadOnlyMemory<byte> Descriptor { get; }

    /// <summary>The function of a delegate of the <c>Func</c> or <c>Action</c> families. Fast for one that was asked for before.</summary>
    /// <exception cref="NotPortableException">The function, a captured variable, an argument or the result can never cross.</exception>
    /// <exception cref="ArgumentException">The delegate is not of this shape.</exception>
    public static Function Of(Delegate fn, FunctionShape shape)
    {
        ArgumentNullException.ThrowIfNull(fn);
        return FunctionCache.Get(fn, fn.GetType(), shape);
    }

    /// <summary>
    /// As <see cref="Of(Delegate, FunctionShape)"/>, called as a function of <typeparamref name="TArgs"/> and
    /// <typeparamref name="R"/>, also where the delegate itself takes or returns more general or more special types (variance).
    /// </summary>
    /// <exception cref="NotPortableException">The function, a captured variable, an argument or the result can never cross.</exception>
    /// <exception cref="ArgumentException">The delegate is not of these types and this shape.</exception>
    public static Function Of<TArgs, R>(Delegate fn, FunctionShape shape)
    {
        ArgumentNullException.ThrowIfNull(fn);
        Type delegateType = Invoker<TArgs, R>.DelegateType(shape);
        return delegateType.IsInstanceOfType(fn)
            ? FunctionCache.Get(fn, delegateType, shape)
            : throw new ArgumentException($"{fn.GetType()} is no {delegateType}.", nameof(fn));
    }

    /// <summary>The name of any delegate's function, for people, also of one that cannot cross.</summary>
    public static string NameOf(Delegate fn) => GeneratedNames.Of(fn.Method);

    /// <summary>Appends one call: the captured variables, then the arguments (without the one that lives in the worker).</summary>
    /// <param name="w">Where to.</param>
    /// <param name="fn">A delegate of this function.</param>
    /// <param name="args">The arguments, without a token.</param>
    /// <exception cref="NotPortableException">A value cannot cross.</exception>
    public void WriteCall<TArgs>(ref PayloadWriter w, Delegate fn, in TArgs args)
    {
        WriteCaptures(ref w, fn);
        WriteArguments(ref w, args);
    }

    /// <summary>Appends the first part of a call.</summary>
    /// <exception cref="NotPortableException">A value cannot cross.</exception>
    public void WriteCaptures(ref PayloadWriter w, Delegate fn) => captures.Write(ref w, fn.Target);

    /// <summary>Appends the second part.</summary>
    /// <exception cref="NotPortableException">A value cannot cross.</exception>
    public void WriteArguments<TArgs>(ref PayloadWriter w, in TArgs args) => ArgumentsOf<TArgs>().Write(ref w, in args);

    /// <summary>The parameter of a function with one.</summary>
    /// <exception cref="NotPortableException">It is of another type.</exception>
    public Parameter<T> ParameterOf<T>() => ((Arguments1<T>)ArgumentsOf<ValueTuple<T>>()).First;

    private Arguments<TArgs> ArgumentsOf<TArgs>() => arguments as Arguments<TArgs>
        ?? throw new NotPortableException($"{DisplayName}, which takes other types than it is called with,", "Pass a lambda that calls it.");

    /// <summary>How the result (an item, for a stream) crosses; nothing at all for no result and for an object that stays in the worker.</summary>
    public Codec<R> ResultCodec<R>() => result as Codec<R> ?? Results.Of<R>();

    private static string[] ParameterNames(MethodInfo method, Type tuple)
    {
        ParameterInfo[] parameters = method.GetParameters();
        int count = tuple.GetGenericArguments().Length;

        // An extension method that is bound to its first argument has one more than its delegate, a token comes last.
        int bound = method.IsStatic && parameters.Length > count ? parameters.Length - count : 0;
        if (bound > 0 && parameters[^1].ParameterType == typeof(CancellationToken))
            bound--;
        var names = new string[count];
        for (int i = 0; i < count; i++)
            names[i] = (i + bound < parameters.Length ? parameters[i + bound].Name : null) ?? $"#{i + 1}";
        return names;
    }
}
