using System.Collections;

namespace Kernmantle.Scheduling.Calls;

/// <summary>Calls in line. The calls themselves are its nodes: a call in line costs nothing more. Its owner locks.</summary>
internal sealed class CallQueue : IEnumerable<Call>
{
    public Call? First { get; private set; }

    public Call? Last { get; private set; }

    public int Count { get; private set; }

    public void AddLast(Call call)
    {
        Enter(call);
        call.Previous = Last;
        if (Last is null)
            First = call;
        else
            Last.Next = call;
        Last = call;
    }

    public void AddFirst(Call call)
    {
        Enter(call);
        call.Next = First;
        if (First is null)
            Last = call;
        else
            First.Previous = call;
        First = call;
    }

    /// <summary>Before one that is in this line; null for at its end.</summary>
    public void AddBefore(Call? next, Call call)
    {
        if (next is null)
            AddLast(call);
        else if (next.Previous is not { } previous)
            AddFirst(call);
        else
        {
            Enter(call);
            (call.Previous, call.Next) = (previous, next);
            (previous.Next, next.Previous) = (call, call);
        }
    }

    public void Remove(Call call)
    {
        if (call.Line != this)
            throw new InvalidOperationException($"{call} is not in this line.");
        if (call.Previous is null)
            First = call.Next;
        else
            call.Previous.Next = call.Next;
        if (call.Next is null)
            Last = call.Previous;
        else
            call.Next.Previous = call.Previous;
        (call.Line, call.Previous, call.Next) = (null, null, null);
        Count--;
    }

    public IEnumerator<Call> GetEnumerator()
    {
        for (Call? call = First; call is not null; call = call.Next)
            yield return call;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Enter(Call call)
    {
        if (call.Line is not null)
            throw new InvalidOperationException($"{call} is in a line already.");
        call.Line = this;
        Count++;
    }
}
