using System.Reflection;
using Kernmantle.Functions.Capturing;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>
/// Worker: the signatures that most functions have are made directly, without reflection, and are native code in the package since they are named here: a worker that
/// is called with one of them compiles next to nothing until its first result. With structs of our own for the arguments: the layout of the platform's
/// <see cref="ValueTuple{T1}"/> may change with the platform, so that code which depends on it is not compiled beforehand.
/// </summary>
internal static class CommonSignatures
{
    /// <summary>Null: it is none of them.</summary>
    public static WorkerFunction? Create(MethodInfo method, Type delegateType, FunctionShape shape, CapturedTarget target)
    {
        if (shape is not { Kind: ReturnKind.Value, HasToken: false, FirstIsInstance: false, ResultIsInstance: false })
            return null;
        Type[] types = delegateType.GetGenericArguments();
        Type? result = shape.IsVoid ? null : types[^1];
        var function = new Described(method, delegateType, shape, target);
        return (types.Length - (shape.IsVoid ? 0 : 1)) switch
        {
            0 => function.Of(result),
            1 when types[0] == typeof(int) => function.Of<int>(result),
            1 when types[0] == typeof(string) => function.Of<string>(result),
            1 when types[0] == typeof(long) => function.Of<long>(result),
            1 when types[0] == typeof(double) => function.Of<double>(result),
            1 when types[0] == typeof(byte[]) => function.Of<byte[]>(result),
            _ => null,
        };
    }

    private sealed class Described(MethodInfo method, Type delegateType, FunctionShape shape, CapturedTarget target)
    {
        public WorkerFunction? Of(Type? result) =>
            result is null ? With(new None(), new Action0())
            : result == typeof(int) ? With(new None(), new Func0<int>())
            : result == typeof(string) ? With(new None(), new Func0<string>())
            : result == typeof(long) ? With(new None(), new Func0<long>())
            : result == typeof(double) ? With(new None(), new Func0<double>())
            : result == typeof(bool) ? With(new None(), new Func0<bool>())
            : result == typeof(byte[]) ? With(new None(), new Func0<byte[]>())
            : null;

        public WorkerFunction? Of<T>(Type? result) =>
            result is null ? With(Argument<T>(), new Action1<T>())
            : result == typeof(int) ? With(Argument<T>(), new Func1<T, int>())
            : result == typeof(string) ? With(Argument<T>(), new Func1<T, string>())
            : result == typeof(long) ? With(Argument<T>(), new Func1<T, long>())
            : result == typeof(double) ? With(Argument<T>(), new Func1<T, double>())
            : result == typeof(bool) ? With(Argument<T>(), new Func1<T, bool>())
            : result == typeof(byte[]) ? With(Argument<T>(), new Func1<T, byte[]>())
            : null;

        private static One<T> Argument<T>() => new();

        private WorkerFunction<TArgs, R> With<TArgs, R>(Arguments<TArgs> arguments, Caller<TArgs, R> caller) =>
            new(method, delegateType, shape, target, arguments, new ValueInvoker<TArgs, R>(caller));
    }

    internal readonly struct NoArgs;

    internal readonly struct OneArg<T>(T value)
    {
        public readonly T Value = value;
    }

    private sealed class None : Arguments<NoArgs>
    {
        public override bool IsPlain => true;

        public override bool IsByValue => true;

        public override void Write(ref PayloadWriter writer, in NoArgs args)
        {
        }

        public override NoArgs Read(ref PayloadReader reader, object? instance) => default;
    }

    private sealed class One<T> : Arguments<OneArg<T>>
    {
        private readonly Codec<T> codec = Codecs.ForChecked<T>();

        public override bool IsPlain => codec is IPlainCodec;

        public override bool IsByValue => codec is not (ILinkCodec or SharedBuffers.ISharedBufferCodec);

        public override void Warm() => codec.Warm();

        public override void Write(ref PayloadWriter writer, in OneArg<T> args) => codec.Write(ref writer, args.Value);

        public override OneArg<T> Read(ref PayloadReader reader, object? instance) => new(codec.Read(ref reader));
    }

    private sealed class Func0<R> : Caller<NoArgs, R>
    {
        public override R Call(Delegate function, in NoArgs args, CancellationToken token) => ((Func<R>)function)();

        public override Delegate StandIn(R returned) => new Func<R>(() => returned);
    }

    private sealed class Func1<T, R> : Caller<OneArg<T>, R>
    {
        public override R Call(Delegate function, in OneArg<T> args, CancellationToken token) => ((Func<T, R>)function)(args.Value);

        public override Delegate StandIn(R returned) => new Func<T, R>(_ => returned);
    }

    private sealed class Action0 : Caller<NoArgs, Unit>
    {
        public override Unit Call(Delegate function, in NoArgs args, CancellationToken token)
        {
            ((Action)function)();
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action(static () => { });
    }

    private sealed class Action1<T> : Caller<OneArg<T>, Unit>
    {
        public override Unit Call(Delegate function, in OneArg<T> args, CancellationToken token)
        {
            ((Action<T>)function)(args.Value);
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action<T>(static _ => { });
    }
}
