namespace Kernmantle.Scheduling.Calls;

/// <summary>Those that wait for room in the queue, in order. They are its nodes themselves. Its owner locks.</summary>
internal sealed class WaitingLine
{
    public Waiter? First { get; private set; }

    public Waiter? Last { get; private set; }

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many calls those stand for.</summary>
    public int Calls { get; private set; }

    public void AddLast(Waiter waiter)
    {
        if (waiter.Line is not null)
            throw new InvalidOperationException("It waits already.");
        waiter.Line = this;
        waiter.Previous = Last;
        if (Last is null)
            First = waiter;
        else
            Last.Next = waiter;
        Last = waiter;
        Count += waiter.Members;
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
            Last = waiter.Previous;
        else
            waiter.Next.Previous = waiter.Previous;
        (waiter.Line, waiter.Previous, waiter.Next) = (null, null, null);
        Count -= waiter.Members;
        Calls -= waiter.Count;
    }

    /// <summary>One that waits here has become so many members more, or fewer.</summary>
    public void Change(int members)
    {
        Count += members;
        Calls += members;
    }
}
