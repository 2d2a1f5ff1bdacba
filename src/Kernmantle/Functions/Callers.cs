using System.Diagnostics.CodeAnalysis;

namespace Kernmantle.Functions;

/// <summary>Calls a delegate that takes the items of <typeparamref name="TArgs"/> and returns <typeparamref name="TReturn"/>.</summary>
internal abstract class Caller<TArgs, TReturn>
{
    public abstract TReturn Call(Delegate function, in TArgs args, CancellationToken token);

    /// <summary>A delegate of ours of the type that this calls, which does nothing and returns that.</summary>
    public abstract Delegate StandIn(TReturn returned);
}

/// <summary>The callers: one line for each number of arguments, with and without token, with and without a returned value.</summary>
internal static class Callers
{
    /// <summary>The caller for delegates with or without a token, returning <typeparamref name="TReturn"/> or (then it is <see cref="Unit"/>) nothing.</summary>
    public static Caller<TArgs, TReturn> For<TArgs, TReturn>(bool hasToken, bool returns)
    {
        Type[] types = typeof(TArgs).GetGenericArguments();
        Type caller = returns ? Returning(types.Length, hasToken) : Void(types.Length, hasToken);
        if (returns)
            types = [.. types, typeof(TReturn)];
        return (Caller<TArgs, TReturn>)Activator.CreateInstance(types.Length == 0 ? caller : caller.MakeGenericType(types))!;
    }

    // No tables: a worker would load all these types at its start, to use one. The attributes keep their constructors where
    // a program is trimmed.
    [return: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)]
    private static Type Returning(int arguments, bool hasToken) => (arguments, hasToken) switch
    {
        (0, false) => typeof(Func0<>),
        (1, false) => typeof(Func1<,>),
        (2, false) => typeof(Func2<,,>),
        (3, false) => typeof(Func3<,,,>),
        (0, true) => typeof(FuncToken0<>),
        (1, true) => typeof(FuncToken1<,>),
        (2, true) => typeof(FuncToken2<,,>),
        _ => typeof(FuncToken3<,,,>),
    };

    [return: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)]
    private static Type Void(int arguments, bool hasToken) => (arguments, hasToken) switch
    {
        (0, false) => typeof(Action0),
        (1, false) => typeof(Action1<>),
        (2, false) => typeof(Action2<,>),
        (3, false) => typeof(Action3<,,>),
        (0, true) => typeof(ActionToken0),
        (1, true) => typeof(ActionToken1<>),
        (2, true) => typeof(ActionToken2<,>),
        _ => typeof(ActionToken3<,,>),
    };

    private sealed class Func0<R> : Caller<ValueTuple, R>
    {
        public override R Call(Delegate function, in ValueTuple args, CancellationToken token) => ((Func<R>)function)();

        public override Delegate StandIn(R returned) => new Func<R>(() => returned);
    }

    private sealed class Func1<T1, R> : Caller<ValueTuple<T1>, R>
    {
        public override R Call(Delegate function, in ValueTuple<T1> args, CancellationToken token) => ((Func<T1, R>)function)(args.Item1);

        public override Delegate StandIn(R returned) => new Func<T1, R>(_ => returned);
    }

    private sealed class Func2<T1, T2, R> : Caller<ValueTuple<T1, T2>, R>
    {
        public override R Call(Delegate function, in ValueTuple<T1, T2> args, CancellationToken token) => ((Func<T1, T2, R>)function)(args.Item1, args.Item2);

        public override Delegate StandIn(R returned) => new Func<T1, T2, R>((_, _) => returned);
    }

    private sealed class Func3<T1, T2, T3, R> : Caller<ValueTuple<T1, T2, T3>, R>
    {
        public override R Call(Delegate function, in ValueTuple<T1, T2, T3> args, CancellationToken token) =>
            ((Func<T1, T2, T3, R>)function)(args.Item1, args.Item2, args.Item3);

        public override Delegate StandIn(R returned) => new Func<T1, T2, T3, R>((_, _, _) => returned);
    }

    private sealed class FuncToken0<R> : Caller<ValueTuple, R>
    {
        public override R Call(Delegate function, in ValueTuple args, CancellationToken token) => ((Func<CancellationToken, R>)function)(token);

        public override Delegate StandIn(R returned) => new Func<CancellationToken, R>(_ => returned);
    }

    private sealed class FuncToken1<T1, R> : Caller<ValueTuple<T1>, R>
    {
        public override R Call(Delegate function, in ValueTuple<T1> args, CancellationToken token) => ((Func<T1, CancellationToken, R>)function)(args.Item1, token);

        public override Delegate StandIn(R returned) => new Func<T1, CancellationToken, R>((_, _) => returned);
    }

    private sealed class FuncToken2<T1, T2, R> : Caller<ValueTuple<T1, T2>, R>
    {
        public override R Call(Delegate function, in ValueTuple<T1, T2> args, CancellationToken token) =>
            ((Func<T1, T2, CancellationToken, R>)function)(args.Item1, args.Item2, token);

        public override Delegate StandIn(R returned) => new Func<T1, T2, CancellationToken, R>((_, _, _) => returned);
    }

    private sealed class FuncToken3<T1, T2, T3, R> : Caller<ValueTuple<T1, T2, T3>, R>
    {
        public override R Call(Delegate function, in ValueTuple<T1, T2, T3> args, CancellationToken token) =>
            ((Func<T1, T2, T3, CancellationToken, R>)function)(args.Item1, args.Item2, args.Item3, token);

        public override Delegate StandIn(R returned) => new Func<T1, T2, T3, CancellationToken, R>((_, _, _, _) => returned);
    }

    private sealed class Action0 : Caller<ValueTuple, Unit>
    {
        public override Unit Call(Delegate function, in ValueTuple args, CancellationToken token)
        {
            ((Action)function)();
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action(static () => { });
    }

    private sealed class Action1<T1> : Caller<ValueTuple<T1>, Unit>
    {
        public override Unit Call(Delegate function, in ValueTuple<T1> args, CancellationToken token)
        {
            ((Action<T1>)function)(args.Item1);
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action<T1>(static _ => { });
    }

    private sealed class Action2<T1, T2> : Caller<ValueTuple<T1, T2>, Unit>
    {
        public override Unit Call(Delegate function, in ValueTuple<T1, T2> args, CancellationToken token)
        {
            ((Action<T1, T2>)function)(args.Item1, args.Item2);
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action<T1, T2>(static (_, _) => { });
    }

    private sealed class Action3<T1, T2, T3> : Caller<ValueTuple<T1, T2, T3>, Unit>
    {
        public override Unit Call(Delegate function, in ValueTuple<T1, T2, T3> args, CancellationToken token)
        {
            ((Action<T1, T2, T3>)function)(args.Item1, args.Item2, args.Item3);
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action<T1, T2, T3>(static (_, _, _) => { });
    }

    private sealed class ActionToken0 : Caller<ValueTuple, Unit>
    {
        public override Unit Call(Delegate function, in ValueTuple args, CancellationToken token)
        {
            ((Action<CancellationToken>)function)(token);
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action<CancellationToken>(static _ => { });
    }

    private sealed class ActionToken1<T1> : Caller<ValueTuple<T1>, Unit>
    {
        public override Unit Call(Delegate function, in ValueTuple<T1> args, CancellationToken token)
        {
            ((Action<T1, CancellationToken>)function)(args.Item1, token);
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action<T1, CancellationToken>(static (_, _) => { });
    }

    private sealed class ActionToken2<T1, T2> : Caller<ValueTuple<T1, T2>, Unit>
    {
        public override Unit Call(Delegate function, in ValueTuple<T1, T2> args, CancellationToken token)
        {
            ((Action<T1, T2, CancellationToken>)function)(args.Item1, args.Item2, token);
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action<T1, T2, CancellationToken>(static (_, _, _) => { });
    }

    private sealed class ActionToken3<T1, T2, T3> : Caller<ValueTuple<T1, T2, T3>, Unit>
    {
        public override Unit Call(Delegate function, in ValueTuple<T1, T2, T3> args, CancellationToken token)
        {
            ((Action<T1, T2, T3, CancellationToken>)function)(args.Item1, args.Item2, args.Item3, token);
            return default;
        }

        public override Delegate StandIn(Unit returned) => new Action<T1, T2, T3, CancellationToken>(static (_, _, _, _) => { });
    }
}
