namespace Kernmantle.Scheduling.Calls;

/// <summary>Those that wait for room in the queue, in order. They are its nodes themselves. Its owner locks.</summary>
internal sealed class WaitingLine
{
    private Waiter? last;

    public Waiter? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>How many calls those stand for.</summary>
    public int Calls { get; private set; }

    public void AddLast(Waiter waiter)
    {
        if (waiter.Line is not null)
            throw new InvalidOperationException("It waits already.");
        waiter.Line = this;
        waiter.Previous = last;
        if (last is null)
            First = waiter;
        else
            last.Next = waiter;
        last = waiter;
        Count++;
        Calls += waiter.Count;
    }

    public void Remove(Waiter waiter)
    {
        if (waiter.Line != this)
            throw new InvalidOperationException("It does not wait here.");
        if (waiter.Previous is null)
            First = waiter.Next;
        else
            waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null)
            last = waiter.Previous;
        else
            waiter.Next.Previous = waiter.Previous;
        (waiter.Line, waiter.Previous, waiter.Next) = (null, null, null);
        Count--;
        Calls -= waiter.Count;
    }
}
