using Kernmantle.Wire.Shared;

namespace Kernmantle.Child.Lane;

/// <summary>What the stream that the main thread runs may send before its consumer has taken more.</summary>
internal sealed unsafe class WorkerCredit(LinkWords* words, WorkerRoom room)
{
    private readonly LinkWords* words = words;
    private long sent;

    /// <summary>By the main thread: a stream begins.</summary>
    public void Open() => sent = 0;   // as StreamTaken

    /// <summary>Waits until an item of that length may be under way.</summary>
    /// <exception cref="OperationCanceledException">The stream was cancelled: its consumer takes no more.</exception>
    public void Take(int length, int window, CancellationToken token)
    {
        int cost = StreamCredit.CostOf(length);
        if (!HasRoom(cost, window))
            WaitForRoom(cost, window, token);
        sent += cost;
    }

    private bool HasRoom(int cost, int window) => StreamCredit.HasRoom(sent - Volatile.Read(ref words->StreamTaken), cost, window);

    private void WaitForRoom(int cost, int window, CancellationToken token)
    {
        if (room.Look(() => !HasRoom(cost, window)))
            return;
        using CancellationTokenRegistration registration = token.UnsafeRegister(static room => ((WorkerRoom)room!).Wake(), room);
        while (!HasRoom(cost, window))
        {
            token.ThrowIfCancellationRequested();
            room.Wait(() => !HasRoom(cost, window) && !token.IsCancellationRequested);
        }
    }
}
