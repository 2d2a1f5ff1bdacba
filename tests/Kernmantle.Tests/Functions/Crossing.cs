using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Functions;

/// <summary>Takes a function through everything that it passes on its way to a worker and back, within this process.</summary>
internal static class Crossing
{
    /// <summary>Where the id of the process that wrote a descriptor lies in it.</summary>
    private const int ProcessOffset = 1;

    public static FunctionShape Plain { get; } = new(ReturnKind.Value, IsVoid: false, HasToken: false);

    public static R Call<R>(Func<R> fn) => Both<ValueTuple, R>(fn, Plain, default);

    public static R Call<T1, R>(Func<T1, R> fn, T1 first) => Both<ValueTuple<T1>, R>(fn, Plain, new(first));

    public static R Call<T1, T2, R>(Func<T1, T2, R> fn, T1 first, T2 second) => Both<ValueTuple<T1, T2>, R>(fn, Plain, new(first, second));

    public static R Call<T1, T2, T3, R>(Func<T1, T2, T3, R> fn, T1 first, T2 second, T3 third) =>
        Both<ValueTuple<T1, T2, T3>, R>(fn, Plain, new(first, second, third));

    public static R CallTask<R>(Func<Task<R>> fn) => Both<ValueTuple, R>(fn, Plain with { Kind = ReturnKind.Task }, default);

    public static R CallTask<T1, R>(Func<T1, Task<R>> fn, T1 first) => Both<ValueTuple<T1>, R>(fn, Plain with { Kind = ReturnKind.Task }, new(first));

    public static R Call<R>(Func<R> fn, IPayloadScope scope) => Run<ValueTuple, R>(fn, Plain, default, new() { Scope = scope }).GetAwaiter().GetResult();

    public static void CallVoid(Action fn) => Both<ValueTuple, Unit>(fn, Plain with { IsVoid = true }, default);

    public static Function FunctionOf<R>(Func<R> fn) => Function.Of(fn, Plain);

    public static Function FunctionOf<T1, R>(Func<T1, R> fn) => Function.Of(fn, Plain);

    /// <summary>Runs it as this process would, and as another one would; both must agree.</summary>
    public static R Both<TArgs, R>(Delegate fn, FunctionShape shape, TArgs args)
    {
        R here = Run<TArgs, R>(fn, shape, args, new()).GetAwaiter().GetResult();
        R there = Run<TArgs, R>(fn, shape, args, new() { Foreign = true }).GetAwaiter().GetResult();
        Assert.Equal(here, there);
        return here;
    }

    public static async Task<R> Run<TArgs, R>(Delegate fn, FunctionShape shape, TArgs args, Options options)
    {
        Function function = Function.Of<TArgs, R>(fn, shape);
        PreparedCall call = Prepare(function, fn, args, options);
        await call.InvokeAsync(options.Token);
        return ReadResult<R>(function, call);
    }

    public static async Task<List<R>> Items<TArgs, R>(Delegate fn, FunctionShape shape, TArgs args, Options options)
    {
        Function function = Function.Of<TArgs, R>(fn, shape);
        PreparedCall call = Prepare(function, fn, args, options);
        await call.InvokeAsync(options.Token);
        var items = new List<R>();
        while (await call.MoveNextAsync())
            items.Add(ReadItem<R>(function, call));
        await call.DisposeAsync();
        return items;
    }

    public static PreparedCall Prepare<TArgs>(Function function, Delegate fn, TArgs args, Options options)
    {
        byte[] payload = Payload(function, fn, args, options.Scope);
        byte[] descriptor = options.Foreign ? Foreign(function.Descriptor) : function.Descriptor.ToArray();
        var reader = new PayloadReader(payload, options.Scope);
        PreparedCall call = WorkerFunction.Resolve(descriptor).Prepare(ref reader, options.Instance, options.InstanceId);
        Assert.Equal(0, reader.Remaining);
        return call;
    }

    public static byte[] Payload<TArgs>(Function function, Delegate fn, TArgs args, IPayloadScope? scope = null)
    {
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer, scope);
        function.WriteCall(ref writer, fn, args);
        return buffer.Written.ToArray();
    }

    /// <summary>The descriptor as if another process had written it.</summary>
    public static byte[] Foreign(ReadOnlyMemory<byte> descriptor)
    {
        byte[] changed = descriptor.ToArray();
        changed[ProcessOffset] ^= 0xFF;
        return changed;
    }

    private static R ReadResult<R>(Function function, PreparedCall call)
    {
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer);
        call.WriteResult(ref writer);
        var reader = new PayloadReader(buffer.Written);
        return function.ResultCodec<R>().Read(ref reader);
    }

    private static R ReadItem<R>(Function function, PreparedCall call)
    {
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer);
        call.WriteCurrent(ref writer);
        var reader = new PayloadReader(buffer.Written);
        return function.ResultCodec<R>().Read(ref reader);
    }

    internal sealed record Options
    {
        public bool Foreign { get; init; }

        public IPayloadScope? Scope { get; init; }

        public CancellationToken Token { get; init; }

        public Func<long, object>? Instance { get; init; }

        public long InstanceId { get; init; }
    }
}

/// <summary>A scope whose worker side gives back the very things of its host side.</summary>
internal sealed class MirrorScope : IPayloadScope
{
    private readonly List<object> links = [];

    public int AddToken(CancellationToken token) => Add(token);

    public CancellationToken GetToken(int index) => (CancellationToken)links[index];

    public int AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec) => Add(progress);

    public IProgress<TReport> GetProgress<TReport>(int index, Codec<TReport> codec) => (IProgress<TReport>)links[index];

    public long AddRemote(IRemoteObject remote) => Add(remote);

    public IRemoteObject GetRemote(long id) => (IRemoteObject)links[(int)id];

    private int Add(object link)
    {
        links.Add(link);
        return links.Count - 1;
    }
}
