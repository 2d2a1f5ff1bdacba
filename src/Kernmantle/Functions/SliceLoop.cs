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
/// Calls a function that takes and returns bits for one item after the other, where they lie. One class for each shape of delegate: what is between two calls of the function costs less than
/// the call. Optimised at once, since a long run would else be what it was compiled to at first.
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

    private static FuncLoop<T, R> Func<T, R>()
        where T : unmanaged
        where R : unmanaged => new();

    private static FuncTokenLoop<T, R> FuncToken<T, R>()
        where T : unmanaged
        where R : unmanaged => new();

    private static ActionLoop<T> Action<T>()
        where T : unmanaged => new();

    private static ActionTokenLoop<T> ActionToken<T>()
        where T : unmanaged => new();

    private sealed unsafe class FuncLoop<T, R> : SliceLoop
        where T : unmanaged
        where R : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override int Run(Delegate function, in SliceRun run, int from)
        {
            var call = (Func<T, R>)function;
            var inputs = (T*)run.Inputs;
            var results = (R*)run.Results;
            SliceRun mine = run;
            for (int i = from; i < mine.Count; i++)
            {
                if (!mine.TryBegin(i))
                    return i;
                results[i] = call(inputs[i]);
                mine.Stop(i);
            }
            return mine.Count;
        }
    }

    private sealed unsafe class FuncTokenLoop<T, R> : SliceLoop
        where T : unmanaged
        where R : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override int Run(Delegate function, in SliceRun run, int from)
        {
            var call = (Func<T, CancellationToken, R>)function;
            CancellationToken token = run.Items.Token;
            var inputs = (T*)run.Inputs;
            var results = (R*)run.Results;
            SliceRun mine = run;
            for (int i = from; i < mine.Count; i++)
            {
                if (!mine.TryBegin(i))
                    return i;
                results[i] = call(inputs[i], token);
                mine.Stop(i);
            }
            return mine.Count;
        }
    }

    private sealed unsafe class ActionLoop<T> : SliceLoop
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override int Run(Delegate function, in SliceRun run, int from)
        {
            var call = (Action<T>)function;
            var inputs = (T*)run.Inputs;
            SliceRun mine = run;
            for (int i = from; i < mine.Count; i++)
            {
                if (!mine.TryBegin(i))
                    return i;
                call(inputs[i]);
                mine.Stop(i);
            }
            return mine.Count;
        }
    }

    private sealed unsafe class ActionTokenLoop<T> : SliceLoop
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override int Run(Delegate function, in SliceRun run, int from)
        {
            var call = (Action<T, CancellationToken>)function;
            CancellationToken token = run.Items.Token;
            var inputs = (T*)run.Inputs;
            SliceRun mine = run;
            for (int i = from; i < mine.Count; i++)
            {
                if (!mine.TryBegin(i))
                    return i;
                call(inputs[i], token);
                mine.Stop(i);
            }
            return mine.Count;
        }
    }
}
