using System.Runtime.CompilerServices;
using Kernmantle.SharedState;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Channels;

/// <summary>
/// Those in this process that wait for items, or for room. Each looks awake for about as long as a wake-up would take; then one thread, the attendant, sleeps for all of them on the bell of the process's seat. Who
/// begins to wait says so in the shared memory (a fence), then looks once more; who writes an item or makes room does that (a fence), then looks who waits: so one of the two sees the other. Thread-safe.
/// </summary>
internal sealed class ChannelWaits : IAttended
{
    private static readonly AdaptiveSpin Spin = new(TimeSpan.FromMicroseconds(Environment.ProcessorCount > 1 ? 100 : 0));

    private readonly Lock gate = new();
    private readonly LinkedList<Waiter> readers = [];
    private readonly LinkedList<Waiter> writers = [];
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChannelEnd end;
    private readonly Attendant attendant;
    private bool isWatched;

    /// <summary>Somebody here has waited for items, so that this process may be rung for some.</summary>
    private bool hasWaited;

    public ChannelWaits(ChannelEnd end)
    {
        this.end = end;
        attendant = new(this, "Kernmantle channel");
    }

    ref int IAttended.Bell => ref end.Bell;

    bool IAttended.HasEnded => end.Memory.HasEnded;

    /// <summary>Completes when the channel is closed and every item is done.</summary>
    public Task Completion
    {
        get
        {
            lock (gate)
                isWatched = !completion.Task.IsCompleted;
            if (isWatched)
                attendant.Call();
            Sweep();
            return completion.Task;
        }
    }

    /// <summary>True: there are items, or there were a moment ago. False: none will come.</summary>
    public ValueTask<bool> ToRead(CancellationToken cancellationToken) => Begin(readers, 0, cancellationToken);

    /// <summary>True: there is room for an item of that size, or there was a moment ago. False: nothing can be written any more.</summary>
    public ValueTask<bool> ToWrite(int bytes, CancellationToken cancellationToken) => Begin(writers, bytes, cancellationToken);

    /// <summary>Looks whether those that wait need to no longer.</summary>
    public void Sweep()
    {
        List<(Waiter Waiter, bool Answer)> over = [];
        bool isEnded = end.Memory.HasEnded;
        bool passOn = false;
        lock (gate)
        {
            if (isEnded)
            {
                Release(readers, over, false);
                Release(writers, over, false);
            }
            if (readers.Count == 0)
                passOn = hasWaited && !isEnded && end.HasItem();   // it was rung for what nobody here takes: another process might
            else if (IsOver(readers, 0, out bool hasItems))
            {
                passOn = hasItems && (!end.CanCount || end.Count > readers.Count);
                Release(readers, over, hasItems);
                end.Wait(forItems: false);
            }
            if (writers.Count > 0 && IsOver(writers, writers.Min(static w => w.Bytes), out bool isOpen))
            {
                Release(writers, over, isOpen);
                end.WaitForRoom(wants: false);
            }
        }
        if (passOn)
            end.PassOn();
        foreach ((Waiter waiter, bool answer) in over)
            Complete(waiter, answer, isEnded);
        if (isWatched && !isEnded)
            end.EndIfDrained();   // who was done with the last item may have died before it did
        if (isWatched && (isEnded || end.State == ChannelState.Drained))
            CompleteAll(isEnded);
    }

    private static void Release(LinkedList<Waiter> waiters, List<(Waiter, bool)> over, bool answer)
    {
        over.AddRange(waiters.Select(w => (w, answer)));
        waiters.Clear();
    }

    private void Complete(Waiter waiter, bool answer, bool isEnded)
    {
        waiter.Registration.Unregister();
        if (isEnded)
            waiter.Source.TrySetException(new ObjectDisposedException(nameof(WorkerChannel)));
        else if (!answer && end.Error is { } error)
            waiter.Source.TrySetException(error);
        else
            waiter.Source.TrySetResult(answer);
    }

    private void CompleteAll(bool isEnded)
    {
        if (isEnded)
            completion.TrySetException(new ObjectDisposedException(nameof(WorkerChannel)));
        else if (end.Error is { } error)
            completion.TrySetException(error);
        else
            completion.TrySetResult();
        isWatched = false;   // not before: who asks meanwhile would find a task that has not completed yet
        _ = completion.Task.Exception;   // who reads is told as well: it may go unobserved
    }

    private ValueTask<bool> Answer(bool answer) => !answer && end.Error is { } error ? ValueTask.FromException<bool>(error) : new(answer);

    // --- Looking ---

    private ValueTask<bool> Begin(LinkedList<Waiter> waiters, int bytes, CancellationToken cancellationToken)
    {
        end.ThrowIfEnded();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellationToken);
        return LooksFor(waiters, bytes, out bool answer) ? Answer(answer) : Wait(waiters, bytes, cancellationToken);
    }

    /// <summary>Whether those that wait need to no longer: there is what they wait for, or there will never be.</summary>
    private bool IsOver(LinkedList<Waiter> waiters, int bytes, out bool answer)
    {
        if (waiters == readers)
            return HasNews(out answer);
        answer = end.State == ChannelState.Open;
        return !answer || end.MayWrite(bytes);
    }

    private bool HasNews(out bool hasItems)
    {
        hasItems = end.HasItem();
        if (hasItems)
            return true;
        if (end.State == ChannelState.Closed)
            end.EndIfDrained();
        return end.State == ChannelState.Drained && !(hasItems = end.HasItem());
    }

    private bool LooksFor(LinkedList<Waiter> waiters, int bytes, out bool answer)
    {
        if (IsOver(waiters, bytes, out answer))
            return true;
        if (!Spin.IsWorthwhile)
            return false;
        var wait = new AdaptiveSpin.Wait(Spin, woke: false);
        while (wait.Next())
        {
            if (!IsOver(waiters, bytes, out answer))
                continue;
            wait.Succeeded();
            return true;
        }
        return false;
    }

    // --- Sleeping ---

    private ValueTask<bool> Wait(LinkedList<Waiter> waiters, int bytes, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(this, waiters, bytes, cancellationToken);
        lock (gate)
        {
            waiters.AddLast(waiter);
            if (waiters == readers)
            {
                hasWaited = true;
                end.Wait(forItems: true);
            }
            else
                end.WaitForRoom(wants: true);
        }
        attendant.Call();
        if (cancellationToken.CanBeCanceled)
            waiter.Registration = cancellationToken.UnsafeRegister(static w => ((Waiter)w!).Cancel(), waiter);
        Sweep();
        if (waiter.Source.Task.IsCompleted)
            waiter.Registration.Unregister();   // whoever completed it may have come before it was there
        return new(waiter.Source.Task);
    }

    private void Cancel(Waiter waiter)
    {
        lock (gate)
        {
            if (!waiter.Waiters.Remove(waiter))
                return;
            if (waiter.Waiters.Count == 0 && waiter.Waiters == readers)
                end.Wait(forItems: false);
            else if (waiter.Waiters.Count == 0)
                end.WaitForRoom(wants: false);
        }
        waiter.Source.TrySetCanceled(waiter.Token);
    }

    bool IAttended.Look()
    {
        Sweep();
        lock (gate)
            return readers.Count > 0 || writers.Count > 0 || isWatched;
    }

    private sealed class Waiter(ChannelWaits owner, LinkedList<Waiter> waiters, int bytes, CancellationToken token)
    {
        public LinkedList<Waiter> Waiters => waiters;

        public int Bytes => bytes;

        public CancellationToken Token => token;

        public TaskCompletionSource<bool> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenRegistration Registration { get; set; }

        public void Cancel() => owner.Cancel(this);
    }
}
