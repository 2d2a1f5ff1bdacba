using System.Reflection;
using System.Runtime.CompilerServices;
using Kernmantle.Functions.Capturing;
using Kernmantle.Functions.Descriptors;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>What a worker knows of a function that its host registered. Immutable and thread-safe.</summary>
internal abstract class WorkerFunction
{
    /// <summary>For people: <c>Type.Method</c>.</summary>
    public abstract string DisplayName { get; }

    public abstract FunctionShape Shape { get; }

    /// <summary>Finds the function that <see cref="Function.Descriptor"/> names. Runs no user code.</summary>
    /// <exception cref="FunctionUnavailableException">Its code is not here, or not the same.</exception>
    /// <exception cref="InvalidPayloadException">The descriptor is none.</exception>
    public static WorkerFunction Resolve(ReadOnlySpan<byte> descriptor)
    {
        MethodInfo? method = null;
        try
        {
            var reader = new DescriptorReader(descriptor);
            FunctionShape shape = reader.ReadShape();
            Type delegateType = reader.ReadType();
            method = reader.ReadMethod();
            CapturedTarget target = reader.ReadTarget();
            if (CommonSignatures.Create(method, delegateType, shape, target) is { } common)
                return common;
            (Type tuple, Type result) = DelegateTypes.Split(delegateType, shape);
            return Reflected.With<Func<MethodInfo, Type, FunctionShape, CapturedTarget, WorkerFunction>>(Create<object, object>, tuple, result)(method, delegateType, shape, target);
        }
        catch (Exception e) when (e is not (FunctionUnavailableException or InvalidPayloadException))
        {
            // A missing dependency shows itself when a type that needs it is used.
            bool isFile = e is FileNotFoundException or FileLoadException or BadImageFormatException;
            throw new FunctionUnavailableException(
                $"The worker could not find the function: {e.Message}",
                isFile ? FunctionUnavailableReason.AssemblyMissing : FunctionUnavailableReason.MethodMissing,
                (e as FileNotFoundException)?.FileName ?? method?.Module.Assembly.GetName().Name);
        }
    }

    private static WorkerFunction<TArgs, R> Create<TArgs, R>(MethodInfo method, Type delegateType, FunctionShape shape, CapturedTarget target) =>
        new(method, delegateType, shape, target, (Arguments<TArgs>)Arguments.Of(typeof(TArgs), names: null, shape.FirstIsInstance), Invoker<TArgs, R>.For(delegateType, shape));

    /// <summary>Makes ready what a first call would make: codecs, and native code of the function and of what calls it. Runs no code of the program's.</summary>
    public virtual void Warm()
    {
    }

    /// <summary>
    /// A call that is decoded and encoded as one of this function, but calls a delegate of ours, with default values: whoever runs it once pays what a first call would.
    /// Null where an argument or the result is of a type of the program's, whose constructors would run.
    /// </summary>
    public virtual PreparedCall? StandIn() => null;

    /// <summary>Decodes the captured variables and the arguments of one call.</summary>
    /// <param name="payload">What <see cref="Function.WriteCall"/> wrote.</param>
    /// <param name="instance">Finds the object that lives in this worker, by its id; needed where the function takes one.</param>
    /// <param name="instanceId">Its id.</param>
    /// <exception cref="InvalidPayloadException">The payload is not one of this function.</exception>
    public abstract PreparedCall Prepare(ref PayloadReader payload, Func<long, object>? instance, long instanceId);

    /// <summary>Runs many calls. Blocks for asynchronous ones.</summary>
    /// <param name="captures">What they capture, for each of them anew: what one does to it, the next does not see.</param>
    /// <param name="ownCaptures">Each comes with what it captures, before its arguments.</param>
    /// <param name="arguments">Their arguments, each behind its length.</param>
    /// <param name="items">The calls.</param>
    public abstract void RunBatch(ReadOnlySpan<byte> captures, bool ownCaptures, ReadOnlySpan<byte> arguments, IBatchItems items);

    /// <summary>Runs the items of a slice, as <see cref="SliceLoop.Run"/> does.</summary>
    /// <param name="captures">As those of <see cref="RunBatch"/>.</param>
    /// <param name="bindOnce">All calls may use the same.</param>
    /// <param name="run">The slice.</param>
    /// <param name="from">The item to begin with.</param>
    public abstract int RunSlice(ReadOnlySpan<byte> captures, bool bindOnce, in SliceRun run, int from);
}

/// <summary>The same, with its types.</summary>
internal sealed class WorkerFunction<TArgs, R> : WorkerFunction
{
    private readonly MethodInfo method;
    private readonly Type delegateType;
    private readonly FunctionShape shape;
    private readonly CapturedTarget target;
    private readonly bool isConstant;
    private readonly Arguments<TArgs> arguments;
    private readonly Codec<R>? result;
    private readonly Invoker<TArgs, R> invoker;

    /// <summary>The delegate of every call where nothing is captured, else the one that is copied for each. Holds no captured value.</summary>
    private Delegate? known;

    private SliceLoop? slices;

    public WorkerFunction(MethodInfo method, Type delegateType, FunctionShape shape, CapturedTarget target, Arguments<TArgs> arguments, Invoker<TArgs, R> invoker)
    {
        this.method = method;
        this.delegateType = delegateType;
        this.shape = shape;
        this.target = target;
        isConstant = target.IsConstant;
        this.arguments = arguments;
        this.invoker = invoker;
        result = shape.ResultIsInstance ? null : Results.OfChecked<R>();
    }

    public override void Warm()
    {
        target.Warm();
        arguments.Warm();
        result?.Warm();
        Type[] own = method.IsGenericMethod ? method.GetGenericArguments() : [];
        Type[] outer = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : [];
        RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. outer.Concat(own).Select(static t => t.TypeHandle)]);
        Compile(GetType());
        Compile(invoker.GetType());
        Compile(shape.Kind == ReturnKind.Stream ? typeof(PreparedStream<TArgs, R>) : typeof(PreparedValue<TArgs, R>));
    }

    public override PreparedCall? StandIn()
    {
        if (!arguments.IsPlain || shape.ResultIsInstance || result is not IPlainCodec || invoker.StandIn() is not { } function)
            return null;
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer);
        arguments.Write(ref writer, default!);
        var reader = new PayloadReader(buffer.Written);
        return new PreparedValue<TArgs, R>(invoker, function, arguments.Read(ref reader, null), result);
    }

    private static void Compile(Type type)
    {
        RuntimeTypeHandle[] arguments = [.. type.GetGenericArguments().Select(static t => t.TypeHandle)];
        foreach (MethodInfo each in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            RuntimeHelpers.PrepareMethod(each.MethodHandle, arguments);
    }

    public override FunctionShape Shape => shape;

    public override string DisplayName => GeneratedNames.Of(method);

    public override PreparedCall Prepare(ref PayloadReader payload, Func<long, object>? instance, long instanceId)
    {
        Delegate function = Bind(target.Read(ref payload));
        object? own = !shape.FirstIsInstance ? null
            : instance is null ? throw new InvalidOperationException($"{DisplayName} is called on an object of this worker, but there is none.")
            : instance(instanceId);
        TArgs args = arguments.Read(ref payload, own);
        return shape.Kind == ReturnKind.Stream
            ? new PreparedStream<TArgs, R>(invoker, function, args, result!)
            : new PreparedValue<TArgs, R>(invoker, function, args, result);
    }

    public override void RunBatch(ReadOnlySpan<byte> captures, bool ownCaptures, ReadOnlySpan<byte> arguments, IBatchItems items)
    {
        var rest = new PayloadReader(arguments);
        var writer = new PayloadWriter(items.Result);
        CancellationToken token = items.Token;
        while (items.TryBegin())
        {
            var own = new PayloadReader(rest.ReadBytes(rest.ReadInt32()));
            bool atResult = false;
            try
            {
                Delegate function = ownCaptures ? Bind(target.Read(ref own)) : Bind(captures);
                TArgs args = this.arguments.Read(ref own, null);
                items.Start();
                R value = invoker.Invoke(function, in args, items, token);
                items.Stop();
                atResult = true;
                result?.Write(ref writer, value);
                items.Answer();
            }
            catch (NotPortableException e) when (atResult)
            {
                items.Fail(Refusals.Named("The result", typeof(R), e), atResult);
            }
            catch (Exception e)
            {
                items.Fail(e, atResult);
            }
        }
    }

    public override int RunSlice(ReadOnlySpan<byte> captures, bool bindOnce, in SliceRun run, int from)
    {
        slices ??= SliceLoop.Of<TArgs, R>(shape.IsVoid, shape.HasToken);
        if (bindOnce)
            return slices.Run(Bind(captures), run, from);
        for (int i = from; i < run.Count; i++)
        {
            if (slices.Run(Bind(captures), run with { Count = i + 1 }, i) == i)
                return i;
        }
        return run.Count;
    }

    private Delegate Bind(ReadOnlySpan<byte> captures)
    {
        if (isConstant && known is { } ready)
            return ready;
        var reader = new PayloadReader(captures);
        return Bind(target.Read(ref reader));
    }

    private Delegate Bind(object? bound)
    {
        if (known is { } ready)
            return isConstant ? ready : DelegateFields.Bind(ready, bound!);
        Delegate created = BoundDelegate.Create(delegateType, bound, method);
        known = isConstant ? created : DelegateFields.Unbind(created);
        return created;
    }
}
