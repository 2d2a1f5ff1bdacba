namespace Kernmantle.Scheduling.Calls;

/// <summary>
/// Calls to be used again, per type: a few with each thread, taken and given back without a lock, and a common store between the threads that
/// make calls and those that end them.
/// </summary>
internal static class QuickCalls<TArgs, TResult>
{
    private const int PerThread = 32;
    private const int InStore = 4096;

    [ThreadStatic]
    private static Stack<QuickCall<TArgs, TResult>>? mine;

    private static readonly Stack<QuickCall<TArgs, TResult>> Store = new();

    public static QuickCall<TArgs, TResult> Rent()
    {
        Stack<QuickCall<TArgs, TResult>> own = mine ??= new(PerThread);
        if (own.Count == 0)
            Move(Store, own, PerThread / 2);
        return own.TryPop(out QuickCall<TArgs, TResult>? call) ? call : new();
    }

    public static void Return(QuickCall<TArgs, TResult> call)
    {
        Stack<QuickCall<TArgs, TResult>> own = mine ??= new(PerThread);
        if (own.Count == PerThread)
            Move(own, Store, PerThread / 2);
        if (own.Count < PerThread)
            own.Push(call);
    }

    private static void Move(Stack<QuickCall<TArgs, TResult>> from, Stack<QuickCall<TArgs, TResult>> to, int count)
    {
        lock (Store)
        {
            int room = ReferenceEquals(to, Store) ? InStore - Store.Count : int.MaxValue;
            for (int i = 0; i < Math.Min(count, room) && from.TryPop(out QuickCall<TArgs, TResult>? call); i++)
                to.Push(call);
            while (ReferenceEquals(to, Store) && from.Count > PerThread / 2)
                _ = from.Pop();   // the store is full: these are left to the collector
        }
    }
}
