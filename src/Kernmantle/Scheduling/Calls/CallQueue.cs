using System.Collections;

namespace Kernmantle.Scheduling.Calls;

/// <summary>Calls in line. The calls themselves are its nodes: a call in line costs nothing more. Its owner locks.</summary>
internal sealed class CallQueue : IEnumerable<Call>
{
    private Call? last;

    public Call? First { get; private set; }

    public int Count { get; private set; }

    public void AddLast(Call call)
    {
        Enter(call);
        call.Previous = last;
        if (last is null)
            First = call;
        else
            last.Next = call;
        last = call;
    }

    public void AddFirst(Call call)
    {
        Enter(call);
        call.Next = First;
        if (First is null)
            last = call;
        else
            First.Previous = call;
        First = call;
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
            last = call.Previous;
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
