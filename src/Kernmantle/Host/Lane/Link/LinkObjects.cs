using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Objects;
using Kernmantle.SharedBuffers;
using Kernmantle.Telemetry;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane.Link;

/// <summary>
/// The objects that the worker was handed, and the calls that it makes on them. It may name what it was handed and nothing else; which function is called, and with what, is passed on as
/// bytes, which nobody reads but the process that the object lives in. Thread-safe.
/// </summary>
internal sealed class LinkObjects(LinkContext link) : IRemoteScope, IBufferScope
{
    private const int LongestName = 500;

    private readonly Dictionary<long, HostedObject> handed = [];
    private readonly Dictionary<long, Function> functions = [];
    private readonly Dictionary<long, ObjectCall> underWay = [];
    private readonly Lock gate = new();
    private long last;
    private bool hasEnded;

    /// <summary>From now on the worker may call them.</summary>
    public void Hand(IReadOnlyList<IRemoteObject> objects)
    {
        if (objects.Count == 0)
            return;
        lock (gate)
        {
            foreach (IRemoteObject each in objects)
                handed[each.Id] = (HostedObject)each;
        }
    }

    public IRemoteObject GetRemote(long id) => Find(id) ?? throw new InvalidPayloadException($"An object {id}, which the worker was not handed.");

    /// <exception cref="ProtocolViolationException">The worker may not say that now.</exception>
    public void OnFrame(FrameKind kind, long id, ref PayloadReader reader)
    {
        switch (kind)
        {
            case FrameKind.Describe:
                Describe(id, ref reader);
                break;
            case FrameKind.ObjectCall:
                Call(id, ref reader);
                break;
            default:
                Cancel(id);
                break;
        }
    }

    /// <summary>The worker is gone: nobody waits for its calls any more.</summary>
    public void End()
    {
        ObjectCall[] left;
        lock (gate)
        {
            hasEnded = true;
            left = [.. underWay.Values];
            underWay.Clear();
            handed.Clear();
            functions.Clear();
        }
        foreach (ObjectCall call in left)
            call.Leave();
    }

    private HostedObject? Find(long id)
    {
        lock (gate)
            return handed.GetValueOrDefault(id);
    }

    private void Describe(long id, ref PayloadReader reader)
    {
        string name = Cut(reader.ReadString()) ?? "";
        byte[] descriptor = reader.ReadBytes(reader.Remaining).ToArray();
        if (descriptor.Length is 0 or > ObjectCallHeader.LargestDescriptor)
            throw new ProtocolViolationException($"a function described in {descriptor.Length} bytes");
        lock (gate)
        {
            if (functions.Count >= ObjectCallHeader.MostFunctions || !functions.TryAdd(id, Function.PassedOn(name, descriptor)))
                throw new ProtocolViolationException($"function {id} described when {functions.Count} are");
        }
    }

    private void Call(long number, ref PayloadReader reader)
    {
        ObjectCallHeader header = ObjectCallHeader.Read(ref reader);
        var shape = FunctionShape.FromBits(header.Shape);
        TimeSpan? timeout = header.TimeoutTicks == -1 ? null : new(header.TimeoutTicks);
        if (shape is not { FirstIsInstance: true, ResultIsInstance: false, Kind: ReturnKind.Value or ReturnKind.Task } || timeout is { } time && !Durations.CanWait(time))
            throw new ProtocolViolationException("a call on an object that is none");
        IReadOnlyList<IRemoteObject> arguments = ReadObjects(ref reader);
        var target = (HostedObject)GetRemote(header.ObjectId);
        var options = new CallOptions { Name = Cut(header.Name), Timeout = timeout };
        TraceContext? trace = header.Trace.Length > 0 ? TraceContext.Read(header.Trace) : null;
        byte[] payload = reader.ReadBytes(reader.Remaining).ToArray();
        var call = new ObjectCall();
        Function? function;
        lock (gate)
        {
            if (hasEnded)
                return;
            if (number <= last || underWay.Count >= ObjectCallHeader.MostUnderWay || !functions.TryGetValue(header.FunctionId, out function))
                throw new ProtocolViolationException($"call {number} on an object, after {last}, of function {header.FunctionId}, with {underWay.Count} under way");
            last = number;
            underWay.Add(number, call);
        }
        _ = RunAsync(number, call, target, new(function, shape, options, arguments, header.ReturnsRemote, payload, trace));
    }

    private List<IRemoteObject> ReadObjects(ref PayloadReader reader)
    {
        int count = reader.ReadInt32();
        if (count is < 0 or > ObjectCallHeader.MostObjects)
            throw new ProtocolViolationException($"{count} objects with one call");
        List<IRemoteObject> objects = [];
        while (objects.Count < count)
            objects.Add(GetRemote(reader.ReadInt64()));
        return objects;
    }

    /// <summary>One that has ended meanwhile needs no cancelling.</summary>
    private void Cancel(long number)
    {
        ObjectCall? call;
        lock (gate)
        {
            if (number > last)
                throw new ProtocolViolationException($"call {number} on an object cancelled, where {last} was the last");
            underWay.TryGetValue(number, out call);
        }
        call?.Cancel();
    }

    /// <summary>Never fails: what went wrong is the answer.</summary>
    private async Task RunAsync(long number, ObjectCall call, HostedObject target, PassedRequest request)
    {
        using var body = new PooledBuffer();
        byte[] payload = [];
        try
        {
            PassedResult result = await target.PassAsync(link.Worker, link.Name, request, () => call.IsLeft, call.Token).ConfigureAwait(false);
            if (result.Bytes.Length > link.Settings.MaxPayloadBytes)
                throw new PayloadTooLargeException($"The result of {request.Function.DisplayName}", result.Bytes.Length, link.Settings.MaxPayloadBytes);
            if (result.Handed is { } remote)
                Hand([remote]);
            payload = result.Bytes;
            WriteHead(body, result.InCaller);
        }
        catch (OperationCanceledException)
        {
            new PayloadWriter(body).WriteByte((byte)ObjectAnswerKind.Cancelled);
        }
        catch (Exception e)
        {
            WriteFailure(body, e);
        }
        lock (gate)
        {
            if (!underWay.Remove(number))
                return;   // the worker has gone
        }
        Answer(number, body, payload);
    }

    private void Answer(long number, PooledBuffer head, byte[] payload)
    {
        try
        {
            link.Transport!.Send(FrameKind.ObjectAnswer, number, head.Written, payload);
        }
        catch (InsufficientMemoryException e)
        {
            head.Clear();
            WriteFailure(head, e);
            link.Transport!.Send(FrameKind.ObjectAnswer, number, head.Written);
        }
    }

    private static void WriteHead(PooledBuffer body, long inCaller)
    {
        var writer = new PayloadWriter(body);
        writer.WriteByte((byte)(inCaller == 0 ? ObjectAnswerKind.Result : ObjectAnswerKind.Here));
        if (inCaller != 0)
            writer.WriteInt64(inCaller);
    }

    private static void WriteFailure(PooledBuffer body, Exception failure)
    {
        var writer = new PayloadWriter(body);
        writer.WriteByte((byte)ObjectAnswerKind.Failed);
        CarriedFailure.Write(ref writer, failure);
    }

    private static string? Cut(string? name) => name?.Length > LongestName ? name[..LongestName] : name;

    // --- Over a socket, no memory is shared: results are read with this then ---

    bool IBufferScope.TryLend(SharedBlock block) => false;

    SharedBlock IBufferScope.Take(BlockName name) => throw new InvalidPayloadException("Memory by reference where none is shared.");

    void IBufferScope.Opened(ISharedBuffer buffer) => throw new InvalidPayloadException("Memory by reference where none is shared.");

    /// <summary>A call of the worker's that is under way.</summary>
    private sealed class ObjectCall
    {
        private readonly CancellationTokenSource source = new();
        private volatile bool isLeft;

        public CancellationToken Token => source.Token;

        /// <summary>Its caller has gone.</summary>
        public bool IsLeft => isLeft;

        /// <summary>At once: nothing but code of ours watches it.</summary>
        public void Cancel() => source.Cancel();

        public void Leave()
        {
            isLeft = true;
            Cancel();
        }
    }
}
