using Kernmantle.Functions;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child.Objects;

/// <summary>The calls that this worker makes on objects that it was handed: asks the host, and hears the answers. Thread-safe.</summary>
internal sealed class ObjectCalls(IFrameTransport transport)
{
    private readonly Dictionary<long, TaskCompletionSource<byte[]>> underWay = [];
    private readonly HashSet<int> described = [];
    private readonly SemaphoreSlim room = new(ObjectCallHeader.MostUnderWay);
    private readonly Lock gate = new();

    /// <summary>Held while one is sent, which may wait for the host: the host wants them in the order of their numbers.</summary>
    private readonly Lock sending = new();
    private long last;
    private int count;

    /// <summary>The objects of this worker itself.</summary>
    public OwnObjects? Own { get; set; }

    /// <summary>In bytes, as the host lets this worker know.</summary>
    public long MaxPayload { get; set; } = int.MaxValue;

    /// <summary>Makes a call, and returns the body of its answer.</summary>
    /// <exception cref="NotPortableException">The host does not take any more functions.</exception>
    public async Task<byte[]> AskAsync(Function function, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // What follows goes on where its caller waits, who is told by whoever takes the answer, or on the thread pool.
            var answer = new TaskCompletionSource<byte[]>(context is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);
            long number = Send(function, body.Span, answer);
            using (cancellationToken.UnsafeRegister(static (state, _) => ((Action)state!)(), () => transport.Send(FrameKind.CancelObjectCall, number, [])))
                return await answer.Task.ConfigureAwait(false);
        }
        finally
        {
            room.Release();
        }
    }

    /// <summary>By whoever takes frames.</summary>
    public void OnAnswer(long number, ReadOnlySpan<byte> body)
    {
        TaskCompletionSource<byte[]>? answer;
        lock (gate)
        {
            if (!underWay.Remove(number, out answer))
                return;
            count = underWay.Count;
        }
        answer.TrySetResult(body.ToArray());
    }

    /// <summary>The call that this worker runs has ended: what it has asked for and not waited for is given up. Completes when none of it runs in this worker.</summary>
    public ValueTask EndAsync()
    {
        if (Volatile.Read(ref count) > 0)
            GiveUp();
        return Own is { AnyCalled: true } own ? own.EndAsync() : default;
    }

    private void GiveUp()
    {
        long[] left;
        lock (gate)
            left = [.. underWay.Keys];
        foreach (long number in left)
            transport.Send(FrameKind.CancelObjectCall, number, []);
    }

    private long Send(Function function, ReadOnlySpan<byte> body, TaskCompletionSource<byte[]> answer)
    {
        lock (sending)
        {
            if (!described.Contains(function.Id))
                Describe(function);
            long number = ++last;
            lock (gate)
            {
                underWay.Add(number, answer);
                count = underWay.Count;
            }
            transport.Send(FrameKind.ObjectCall, number, body);
            return number;
        }
    }

    private void Describe(Function function)
    {
        if (described.Count >= ObjectCallHeader.MostFunctions || function.Descriptor.Length > ObjectCallHeader.LargestDescriptor)
            throw new NotPortableException($"{function.DisplayName}, after {described.Count} others of this worker,", "Call fewer different functions on objects from one worker, of fewer types.");
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        writer.WriteString(function.DisplayName);
        writer.WriteBytes(function.Descriptor.Span);
        transport.Send(FrameKind.Describe, function.Id, body.Written);
        described.Add(function.Id);
    }
}
