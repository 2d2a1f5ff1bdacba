using System.Reflection;
using Kernmantle.Child.Objects;
using Kernmantle.Functions;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Objects;

/// <summary>A worker that was handed an object, and says of it what it may not: that ends it, and it alone.</summary>
public sealed class HostileObjectCallTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private const long Handed = 0, NotHanded = 1_000_000;

    private sealed class Counter
    {
        private int count;

        public int Add(int n) => count += n;
    }

    /// <summary>What it writes, with the number of the object it was handed.</summary>
    private delegate void Lie(IFrameTransport transport, long handed);

    private static readonly Dictionary<string, Lie> Lies = new()
    {
        ["an object that it was not handed"] = static (t, _) => Call(t, 1, NotHanded),
        ["an argument that it was not handed"] = static (t, id) => Call(t, 1, id, arguments: [NotHanded]),
        ["a function that it has not described"] = static (t, id) => Call(t, 1, id, describe: false),
        ["a function described twice"] = static (t, id) => Describe(Describe(t)),
        ["a function described by nothing"] = static (t, _) => Describe(t, 0),
        ["a function described by too much"] = static (t, _) => Describe(t, ObjectCallHeader.LargestDescriptor + 1),
        ["so many functions"] = static (t, _) =>
        {
            for (int i = 1; i <= ObjectCallHeader.MostFunctions + 1; i++)
                Describe(t, 1, i);
        },
        ["less than no objects"] = static (t, id) => Call(t, 1, id, count: -1),
        ["more objects than there is room for"] = static (t, id) => Call(t, 1, id, count: int.MaxValue),
        ["objects that are not there"] = static (t, id) => Call(t, 1, id, count: 5),
        ["the same number twice"] = static (t, id) => Call(Call(t, 7, id), 7, id, describe: false),
        ["a number that was passed over"] = static (t, id) => Call(Call(t, 7, id), 3, id, describe: false),
        ["no number"] = static (t, id) => Call(t, 0, id),
        ["a function that leaves an object"] = static (t, id) => Call(t, 1, id, shape: new(ReturnKind.Value, false, false, FirstIsInstance: true, ResultIsInstance: true)),
        ["a function of no object"] = static (t, id) => Call(t, 1, id, shape: new(ReturnKind.Value, false, false)),
        ["a stream"] = static (t, id) => Call(t, 1, id, shape: new(ReturnKind.Stream, false, false, FirstIsInstance: true)),
        ["no time"] = static (t, id) => Call(t, 1, id, timeout: 0),
        ["a time before now"] = static (t, id) => Call(t, 1, id, timeout: long.MinValue),
        ["a time without end"] = static (t, id) => Call(t, 1, id, timeout: long.MaxValue),
        ["half a trace"] = static (t, id) => Call(t, 1, id, trace: [1, 2, 3]),
        ["a trace of any length"] = static (t, id) => Call(t, 1, id, trace: new byte[ObjectCallHeader.LargestTrace + 1]),
        ["half a call"] = static (t, id) => Describe(t).Send(FrameKind.ObjectCall, 1, BitConverter.GetBytes(id)),
        ["nothing"] = static (t, _) => t.Send(FrameKind.ObjectCall, 1, []),
        ["the end of a call that it has not made"] = static (t, _) => t.Send(FrameKind.CancelObjectCall, 1, []),
        ["calls without end"] = static (t, id) =>
        {
            for (int i = 1; i <= 2 * ObjectCallHeader.MostUnderWay; i++)
                Call(t, i, id, describe: i == 1);
        },
        ["the host's answer"] = static (t, _) => t.Send(FrameKind.ObjectAnswer, 1, [0]),
    };

    public static TheoryData<string> Names => [.. Lies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_lie_ends_the_liar_alone(string lie)
    {
        await using WorkerPool home = WorkerPool.Processes(1), liars = WorkerPool.Processes(1);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);
        // The object is busy, so that what it is asked for stays under way.
        using var source = new CancellationTokenSource();
        Task busy = counter.CallAsync(static (_, token) => Task.Delay(Timeout.Infinite, token), source.Token);

        Task<int> lying = liars.RunAsync(static async (c, lie) =>
        {
            Lies[lie](TransportOf(c), c.Object.Id);
            await Task.Delay(Timeout.Infinite);
            return 0;
        }, counter, lie);
        WorkerCrashedException end = await Assert.ThrowsAsync<WorkerCrashedException>(() => lying.WaitAsync(Deadline));
        await source.CancelAsync();
        await busy.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.Equal(CrashReason.ProtocolViolation, end.Reason);
        Assert.Equal(1, await counter.CallAsync(static c => c.Add(1)).WaitAsync(Deadline));
        Assert.Equal(2, await liars.RunAsync(static c => c.CallAsync(static c => c.Add(1)), counter).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(NotHanded)]
    [InlineData(Handed)]
    public async Task A_result_that_is_no_object_of_its_type_ends_the_liar_alone(long id)
    {
        await using WorkerPool home = WorkerPool.Processes(1), liars = WorkerPool.Processes(1);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);

        Task<Remote<string>> lying = liars.RunAsync(static (c, id) => new HandedObject(id == Handed ? c.Object.Id : id, CallsOf(c)).As<string>(), counter, id);

        WorkerCrashedException end = await Assert.ThrowsAsync<WorkerCrashedException>(() => lying.WaitAsync(Deadline));
        Assert.Equal(CrashReason.ProtocolViolation, end.Reason);
        Assert.Equal(1, await counter.CallAsync(static c => c.Add(1)).WaitAsync(Deadline));
    }

    /// <summary>What only the object's worker can read fails there, as a call does: it neither ends that worker nor reaches the host.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_function_or_arguments_that_are_garbage_fail_their_call_alone(int length)
    {
        await using WorkerPool home = WorkerPool.Processes(1), liars = WorkerPool.Processes(1);
        await using Remote<Counter> counter = await home.CreateAsync(static () => new Counter()).WaitAsync(Deadline);

        int honest = await liars.RunAsync(static async (c, length) =>
        {
            Call(TransportOf(c), 1, c.Object.Id, descriptor: length);
            return await SkippingOne(c).CallAsync(static c => c.Add(1));
        }, counter, length).WaitAsync(Deadline);

        Assert.Equal(1, honest);
        Assert.True(counter.IsAlive);
    }

    private static Remote<Counter> SkippingOne(Remote<Counter> counter)
    {
        ObjectCalls calls = CallsOf(counter);
        typeof(ObjectCalls).GetField("last", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(calls, 1L);
        return counter;
    }

    private static ObjectCalls CallsOf(Remote<Counter> counter) => (ObjectCalls)FieldOf(counter.Object, typeof(ObjectCalls));

    private static IFrameTransport TransportOf(Remote<Counter> counter) => (IFrameTransport)FieldOf(CallsOf(counter), typeof(IFrameTransport));

    private static object FieldOf(object owner, Type type) => owner.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Single(f => f.FieldType == type).GetValue(owner)!;

    private static IFrameTransport Describe(IFrameTransport transport, int length = 20, int id = 1_000_000)
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        writer.WriteString("a lie");
        writer.WriteBytes(new byte[length]);
        transport.Send(FrameKind.Describe, id, body.Written);
        return transport;
    }

    private static IFrameTransport Call(IFrameTransport transport, long number, long id, FunctionShape? shape = null, long timeout = -1, long[]? arguments = null, int? count = null, bool describe = true, int descriptor = 20, byte[]? trace = null)
    {
        if (describe)
            Describe(transport, descriptor);
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        new ObjectCallHeader(id, 1_000_000, (shape ?? new(ReturnKind.Value, false, false, FirstIsInstance: true)).Bits, false, timeout, null, trace ?? []).Write(ref writer);
        writer.WriteInt32(count ?? arguments?.Length ?? 0);
        foreach (long argument in arguments ?? [])
            writer.WriteInt64(argument);
        transport.Send(FrameKind.ObjectCall, number, body.Written);
        return transport;
    }
}
