using System.Runtime.ExceptionServices;
using Kernmantle.Functions;

namespace Kernmantle.Child;

/// <summary>
/// The worker's main thread while it runs an asynchronous function. It waits for the function anyway, so it takes up what the function awaited
/// itself: to wake a thread of the pool for that costs many times what the call does.
/// </summary>
/// <remarks>
/// It is no event loop. Of what is posted, one step at most waits for the main thread, and only while that waits, or (a step that it
/// posts itself) is expected back. All others run on the thread pool, at the same time, as they would without this. A function may block
/// on tasks of its own all the same: <see cref="StepRescue"/> takes the step that waits for it to the pool.
/// </remarks>
internal sealed class MainThread : SynchronizationContext, IFunctionWait
{
    /// <summary>Looks before it sleeps: some microseconds, in which another thread may complete what it waits for.</summary>
    private const int Looks = 20;

    private readonly Thread thread = Thread.CurrentThread;
    private readonly object gate = new();
    private readonly StepRescue rescue;

    /// <summary>What it does next. Set by whoever posts, taken by itself or the rescue, each by one exchange.</summary>
    private Step? next;

    /// <summary>It looks for steps. Written by itself.</summary>
    private volatile bool waits;

    /// <summary>1: it sleeps, or will after one more look. Set by itself, before that look; cleared by who wakes it.</summary>
    private int sleeps;

    public MainThread() => rescue = new(this);

    /// <summary>The step that waits for it; null: none.</summary>
    public object? Waiting => Volatile.Read(ref next);

    /// <summary>What is awaited on this thread from now on is posted here, until the execution context ends that this is called in.</summary>
    public void Attend() => SetSynchronizationContext(this);

    /// <summary>The function has ended: what it left goes on elsewhere.</summary>
    public void Leave()
    {
        if (Waiting is { } left)
            GiveToPool(left);
    }

    public T Wait<T>(ValueTask<T> task)
    {
        if (!task.IsCompleted)
            RunUntilCompleted(task);
        return task.GetAwaiter().GetResult();
    }

    public void Wait(ValueTask task)
    {
        if (!task.IsCompleted)
            Wait(UnitTask.Of(task.AsTask()));
        else
            task.GetAwaiter().GetResult();
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        var step = new Step(this, d, state);
        bool isOwn = Thread.CurrentThread == thread;
        if (!(isOwn || waits) || Interlocked.CompareExchange(ref next, step, null) is not null)
            ThreadPool.UnsafeQueueUserWorkItem(step, preferLocal: true);
        else if (isOwn)
            rescue.Watch();
        else
            Wake();
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>If it still waits.</summary>
    public void GiveToPool(object waiting)
    {
        var step = (Step)waiting;
        if (Interlocked.CompareExchange(ref next, null, step) == step)
            ThreadPool.UnsafeQueueUserWorkItem(step, preferLocal: false);
    }

    private void RunUntilCompleted<T>(ValueTask<T> task)
    {
        Completion? completion = null;
        int looks = 0;
        waits = true;
        while (!(completion?.IsTold ?? task.IsCompleted))
        {
            if (next is not null && Interlocked.Exchange(ref next, null) is { } step)
            {
                waits = false;   // what others post meanwhile must not wait for this step
                step.Run();
                waits = true;
                looks = 0;
            }
            else if (looks++ < Looks)
            {
                Thread.SpinWait(10);
            }
            else if (completion is null)
            {
                completion = new(this);   // not sooner: most functions are completed by the steps above
                task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(completion.Tell);
            }
            else
            {
                Sleep(completion);
            }
        }
        waits = false;
    }

    private void Sleep(Completion completion)
    {
        Interlocked.Exchange(ref sleeps, 1);   // before the looks: who comes after them sees it
        if (Waiting is not null || completion.IsTold)
        {
            Volatile.Write(ref sleeps, 0);
            return;
        }
        lock (gate)
        {
            while (Volatile.Read(ref sleeps) == 1)
                Monitor.Wait(gate);
        }
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref sleeps, 0) == 0)
            return;
        lock (gate)
            Monitor.Pulse(gate);
    }

    /// <summary>
    /// The completion of a task, from when this thread has asked to be told of it. The task itself must not be looked at any more: one whose source is used again (a
    /// step of an asynchronous iterator) is completed for who looks before it has read whom to tell, and who goes on then has it tell what comes next.
    /// </summary>
    private sealed class Completion(MainThread main)
    {
        private volatile bool isTold;

        public bool IsTold => isTold;

        public void Tell()
        {
            isTold = true;
            main.Wake();
        }
    }

    /// <summary>One part of a function, from an await to the next, or whatever else was posted.</summary>
    private sealed class Step(MainThread main, SendOrPostCallback callback, object? state) : IThreadPoolWorkItem
    {
        public void Run()
        {
            SetSynchronizationContext(main);
            try
            {
                callback(state);
            }
            catch (Exception e)
            {
                // Of an async void method: it ends the process, as it would on the pool, and does not become the failure of the function.
                ThreadPool.UnsafeQueueUserWorkItem(static thrown => thrown.Throw(), ExceptionDispatchInfo.Capture(e), preferLocal: false);
            }
        }

        public void Execute()
        {
            SetSynchronizationContext(main);
            try
            {
                callback(state);
            }
            finally
            {
                SetSynchronizationContext(null);
            }
        }
    }
}
