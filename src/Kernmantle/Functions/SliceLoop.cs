using System.Runtime.CompilerServices;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Functions;

/// <summary>The items of a slice in a worker.</summary>
internal interface ISliceItems
{
    CancellationToken Token { get; }

    /// <summary>Begins the item of that number as a call is begun, and tells when. False: it was taken back.</summary>
    bool TryBegin(long number);

    /// <summary>The function has completed that one.</summary>
    void Stop(long number);
}

/// <summary>Where a slice lies.</summary>
/// <param name="Inputs">The first input.</param>
/// <param name="Results">The first result.</param>
/// <param name="First">The number of the first item.</param>
/// <param name="Count">Of items.</param>
/// <param name="Marks">How items are marked as begun, if by plain stores.</param>
/// <param name="IsPlain">They are.</param>
/// <param name="Items">Begins them otherwise.</param>
internal readonly unsafe record struct SliceRun(nint Inputs, nint Results, long First, int Count, SliceMarks Marks, bool IsPlain, ISliceItems Items)
{
    /// <summary>The first item is begun as a call is, which orders it among those; the others by the cheaper way if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin(int item) => IsPlain && item > 0 ? Marks.TryBegin(First + item) : Items.TryBegin(First + item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Stop(int item)
    {
        if (!IsPlain)
            Items.Stop(First + item);
    }
}

/// <summary>
/// Calls a function that takes and returns bits for one item after the other, where they lie. One loop, compiled for each shape of delegate: what is between two calls of the function costs less
/// than the call. Optimised at once, since a long run would else be what it was compiled to at first.
/// </summary>
internal abstract class SliceLoop
{
    /// <summary>Runs items until all are done, or one was taken back, or throws: that is thrown. Returns the first that was not begun.</summary>
    public abstract int Run(Delegate function, in SliceRun run, int from);

    public static SliceLoop Of<TArgs, R>(bool isVoid, bool hasToken)
    {
        Type input = typeof(TArgs).GetGenericArguments()[0];
        Func<SliceLoop> create = (isVoid, hasToken) switch
        {
            (false, false) => Reflected.With<Func<SliceLoop>>(Func<int, int>, input, typeof(R)),
            (false, true) => Reflected.With<Func<SliceLoop>>(FuncToken<int, int>, input, typeof(R)),
            (true, false) => Reflected.With<Func<SliceLoop>>(Action<int>, input),
            (true, true) => Reflected.With<Func<SliceLoop>>(ActionToken<int>, input),
        };
        return create();
    }

    private static Loop<FuncCall<T, R>> Func<T, R>()
        where T : unmanaged
        where R : unmanaged => new();

    private static Loop<FuncTokenCall<T, R>> FuncToken<T, R>()
        where T : unmanaged
        where R : unmanaged => new();

    private static Loop<ActionCall<T>> Action<T>()
        where T : unmanaged => new();

    private static Loop<ActionTokenCall<T>> ActionToken<T>()
        where T : unmanaged => new();

    private sealed class Loop<TCall> : SliceLoop
        where TCall : struct, ISliceCall<TCall>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override int Run(Delegate function, in SliceRun run, int from)
        {
            TCall call = TCall.Of(function, run);
            SliceRun mine = run;
            for (int i = from; i < mine.Count; i++)
            {
                if (!mine.TryBegin(i))
                    return i;
                call.Run(i);
                mine.Stop(i);
            }
            return mine.Count;
        }
    }

    /// <summary>One shape of delegate.</summary>
    private interface ISliceCall<TSelf>
        where TSelf : struct, ISliceCall<TSelf>
    {
        static abstract TSelf Of(Delegate function, in SliceRun run);

        void Run(int item);
    }

    private readonly unsafe struct FuncCall<T, R>(Func<T, R> call, T* inputs, R* results) : ISliceCall<FuncCall<T, R>>
        where T : unmanaged
        where R : unmanaged
    {
        public static FuncCall<T, R> Of(Delegate function, in SliceRun run) => new((Func<T, R>)function, (T*)run.Inputs, (R*)run.Results);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int item) => results[item] = call(inputs[item]);
    }

    private readonly unsafe struct FuncTokenCall<T, R>(Func<T, CancellationToken, R> call, T* inputs, R* results, CancellationToken token) : ISliceCall<FuncTokenCall<T, R>>
        where T : unmanaged
        where R : unmanaged
    {
        public static FuncTokenCall<T, R> Of(Delegate function, in SliceRun run) => new((Func<T, CancellationToken, R>)function, (T*)run.Inputs, (R*)run.Results, run.Items.Token);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int item) => results[item] = call(inputs[item], token);
    }

    private readonly unsafe struct ActionCall<T>(Action<T> call, T* inputs) : ISliceCall<ActionCall<T>>
        where T : unmanaged
    {
        public static ActionCall<T> Of(Delegate function, in SliceRun run) => new((Action<T>)function, (T*)run.Inputs);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int item) => call(inputs[item]);
    }

    private readonly unsafe struct ActionTokenCall<T>(Action<T, CancellationToken> call, T* inputs, CancellationToken token) : ISliceCall<ActionTokenCall<T>>
        where T : unmanaged
    {
        public static ActionTokenCall<T> Of(Delegate function, in SliceRun run) => new((Action<T, CancellationToken>)function, (T*)run.Inputs, run.Items.Token);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int item) => call(inputs[item], token);
    }
}
