using System.Net.Sockets;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Host.Lane.Rings;
using Kernmantle.Host.Launch;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane;

/// <summary>
/// The host's end over shared memory: frames, and quick calls, through a <see cref="SharedLane"/>. What that carries belongs to calls here: they are handed over by
/// <see cref="QuickRequests"/>, attended by <see cref="QuickAttention"/>, and answered by <see cref="QuickAnswers"/>.
/// </summary>
internal sealed class SharedMemoryTransport : IFrameTransport
{
    private readonly CompletionPump pump;
    private readonly SharedLane lane;
    private readonly QuickRequests requests;
    private readonly QuickAnswers answers;
    private readonly QuickAttention attention;
    private int disposed;

    /// <param name="pump">The pool's.</param>
    /// <param name="ringBytes">Of each of the two rings, a power of two.</param>
    /// <param name="spin">How long callers look for an answer.</param>
    /// <param name="spinBudget">How long the worker looks for a request.</param>
    /// <param name="largestBody">The largest body there may be.</param>
    /// <param name="growingInbox">What is taken and not yet handled may grow without bound.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no shared memory to be had.</exception>
    public SharedMemoryTransport(CompletionPump pump, int ringBytes, AdaptiveSpin spin, TimeSpan spinBudget, long largestBody, bool growingInbox = false)
    {
        this.pump = pump;
        lane = new(ringBytes, largestBody, spinBudget, pump.Bell.Length);
        Buffers = new(lane, pump.Pool);
        var underWay = new CallsUnderWay();
        var stream = new StreamUnderWay(lane);
        answers = new(lane, underWay, stream, Buffers, pump, growingInbox);
        requests = new(lane, underWay, stream, (items, number) => new StreamAttention(lane, stream, answers, spin, items, number));
        attention = new(lane, answers, spin);
        lane.SetPlace(pump.Enter(this));
    }

    /// <summary>What the worker is started with: the rings, the pool's doorbell.</summary>
    public SharedFiles Files => new(lane.Memory.File, lane.Memory.RingBytes, pump.Bell.File!);

    /// <summary>How much memory the worker and this process share for it, buffers excepted, in bytes.</summary>
    public long SharedBytes => lane.Bytes;

    /// <summary>Shared buffers that it knows.</summary>
    public WorkerBuffers Buffers { get; }

    /// <summary>As its words say.</summary>
    public LaneClock Clock => lane.Clock;

    /// <summary>The worker has been started; the descriptors have been handed over.</summary>
    public void Connect(Socket socket) => lane.Connect(socket);

    /// <summary>Another connection takes the worker over, with its socket. <see cref="ReceiveAsync"/> completes when what it wrote here is handled.</summary>
    public void Leave() => lane.Channel.Leave();

    public void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default) => lane.Send(kind, id, head, payload);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <param name="receiver">An <see cref="IQuickReceiver"/>.</param>
    public async Task ReceiveAsync(IFrameReceiver receiver)
    {
        answers.Open((IQuickReceiver)receiver);
        await lane.ClosedAsync().ConfigureAwait(false);
        lane.End.WorkerHasEnded = true;
        await answers.TakeRestAsync().ConfigureAwait(false);
        Close();
        if (lane.End.IsDecided && await lane.End.Reason.ConfigureAwait(false) is { } failure)
            throw failure;
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return ValueTask.CompletedTask;
        Close();
        pump.Leave(this);
        answers.Stop();
        lane.Dispose();
        Buffers.End();
        lane.Channel.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the connection for what the worker wrote.</summary>
    public void Fail(ProtocolViolationException violation) => lane.End.Fail(violation);

    /// <summary>As <see cref="SharedLane.Close"/>.</summary>
    public void Close() => lane.Close();

    // --- Quick calls ---

    /// <summary>As <see cref="QuickRequests.OnRegistered"/>.</summary>
    public Action<Function>? OnRegistered
    {
        set => requests.OnRegistered = value;
    }

    /// <summary>As <see cref="QuickRequests.MarkRegistered"/>.</summary>
    public void MarkRegistered(int function) => requests.MarkRegistered(function);

    /// <summary>As <see cref="QuickRequests.Offer"/>.</summary>
    public Exception? Offer(QuickCall call) => requests.Offer(call);

    /// <summary>As <see cref="PoolWorker.TryRentRoom"/>.</summary>
    public RequestSegment? TryRentRoom(int length) => lane.TryRentRoom(length);

    /// <summary>As <see cref="QuickAttention.Attend"/>.</summary>
    public bool Attend(QuickCall call, Attendance how) => attention.Attend(call, how);

    /// <summary>Wakes whoever attends a call here that has gone elsewhere.</summary>
    public void WakeCaller() => lane.Caller.Wake();

    /// <summary>Cancels the token of the call of that number, when it runs.</summary>
    public void Cancel(long number) => lane.Cancel(number);

    /// <summary>The number of the last call that the worker has begun.</summary>
    public long LastBegun => lane.Numbers.LastBegun;

    /// <summary>As <see cref="QuickRequests.TryRecall"/>.</summary>
    public bool TryRecall(out long first, out long last) => requests.TryRecall(out first, out last);

    /// <summary>The worker has said something that is still to be handled.</summary>
    public bool HasUnheard
    {
        get
        {
            lock (lane.End.Gate)
                return !lane.End.IsClosed && answers.AreUnheard;
        }
    }

    /// <summary>The function of the call that came as a frame has completed, and what the worker has said since is still to be handled: perhaps the call's end.</summary>
    public bool HasUnheardEnd
    {
        get
        {
            lock (lane.End.Gate)
                return lane.Clock.TryRead(out ClockReading reading) && reading.Stopped != 0 && answers.AreUnheard;
        }
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.PartOf"/>.</summary>
    public Overrun PartOf(long number)
    {
        lock (lane.End.Gate)
            return HasUnheard ? Overrun.Function : lane.Clock.PartOf(number);
    }

    // --- By the pump ---

    /// <summary>Calls are under way, or something waits for room.</summary>
    public bool IsBusy => !lane.End.IsClosed && (lane.Numbers.AreOpen || lane.HasOverflown);

    /// <summary>There is something to do. Under the pump's lock.</summary>
    public bool NeedsPump => !lane.End.IsClosed && (lane.Answers.HasRecord || lane.HasOverflown || lane.Answers.WillNotRing);

    /// <summary>As <see cref="QuickAnswers.Pump"/>.</summary>
    public bool Pump() => answers.Pump();

    /// <summary>As <see cref="QuickAnswers.Pause"/>.</summary>
    public TimeSpan Pause => answers.Pause;
}
