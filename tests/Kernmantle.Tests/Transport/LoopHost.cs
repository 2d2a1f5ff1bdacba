using Kernmantle.Child;
using Kernmantle.Child.Lane;
using Kernmantle.Child.Logs;
using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Transport;

/// <summary>A host that speaks frames with a worker's loop, which runs on a thread of this process.</summary>
internal sealed class LoopHost : IAsyncDisposable
{
    public const int Window = 2;
    public const long MaxPayload = 1000;

    public static readonly FunctionShape Value = new(ReturnKind.Value, IsVoid: false, HasToken: true);
    public static readonly FunctionShape Stream = new(ReturnKind.Stream, IsVoid: false, HasToken: true);
    public static readonly FunctionShape Creator = new(ReturnKind.Value, IsVoid: false, HasToken: false, ResultIsInstance: true);

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly SocketPair pair = new();
    private readonly SocketTransport transport;
    private readonly BlockingSocketTransport workerTransport;
    private readonly FrameCollector frames = new();
    private readonly List<WorkerFunction?> functions = [];
    private readonly TaskCompletionSource<int> exitCode = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LoopHost()
    {
        transport = new SocketTransport(pair.First, FrameLimits.MaxBody(MaxPayload));
        workerTransport = new BlockingSocketTransport(pair.Second.SafeHandle);
        var loggers = new ForwardingLoggerFactory(workerTransport, TimeProvider.System);
        Console = new ConsoleCapture(loggers);
        var loop = new ChildLoop(workerTransport, loggers, Resolve, code => exited.TrySetResult(code), Console);
        new Thread(() => exitCode.SetResult(loop.Run())) { IsBackground = true }.Start();
        _ = transport.ReceiveAsync(frames);
    }

    /// <summary>The worker's console writers.</summary>
    public ConsoleCapture Console { get; }

    /// <summary>What the loop returned.</summary>
    public Task<int> ExitCode => exitCode.Task.WaitAsync(Bound);

    /// <summary>The code with which the reader thread ended the process.</summary>
    public Task<int> Exited => exited.Task.WaitAsync(Bound);

    public static async Task<LoopHost> ReadyAsync()
    {
        var host = new LoopHost();
        host.Greet();
        Assert.Equal(FrameKind.Ready, (await host.NextAsync()).Kind);
        return host;
    }

    public void Greet(int? initializer = null)
    {
        byte[] body = Bodies.Of((ref PayloadWriter w) =>
        {
            new Hello("First", 7, MaxPayload, Window, Window, initializer is null ? (byte)0 : Protocol.HasInitializer).Write(ref w);
            if (initializer is { } index)
            {
                w.WriteInt32(4);
                w.WriteInt32(index);
            }
        });
        transport.Send(FrameKind.Hello, 0, body);
    }

    /// <summary>Registers a function; null for one whose code is missing.</summary>
    public int Add(FunctionShape shape, Func<FakeCall, CancellationToken, ValueTask>? body)
    {
        int id = functions.Count;
        functions.Add(body is null ? null : new FakeFunction(shape, body));
        return id;
    }

    public int Add(FunctionShape shape, Action<FakeCall, CancellationToken> body) => Add(shape, (call, token) =>
    {
        body(call, token);
        return default;
    });

    public void Call(long id, int function, byte[]? arguments = null, long instance = 0)
    {
        Send(FrameKind.Register, function, (ref PayloadWriter w) => w.WriteInt32(function));
        Send(FrameKind.Call, id, (ref PayloadWriter w) =>
        {
            new CallHeader(function, 1, instance).Write(ref w);
            w.WriteBytes(arguments);
        });
    }

    public void Send(FrameKind kind, long id, Bodies.Fill? body = null) => transport.Send(kind, id, body is null ? [] : Bodies.Of(body));

    /// <summary>The next frame but for those of the clock.</summary>
    public async Task<Frame> NextAsync()
    {
        while (true)
        {
            Frame frame = await frames.NextAsync();
            if (frame.Kind is not (FrameKind.ClockStarted or FrameKind.ClockStopped))
                return frame;
        }
    }

    public Task<Frame> NextOfAllAsync() => frames.NextAsync();

    /// <summary>The frames of a begun call after its begin, the last one being its end.</summary>
    public async Task<List<Frame>> EndOfAsync(long id)
    {
        Frame begun = await NextAsync();
        Assert.Equal((FrameKind.Begun, id), (begun.Kind, begun.Id));
        List<Frame> result = [];
        while (result is [] || result[^1].Kind is FrameKind.Log or FrameKind.Progress or FrameKind.StreamItem)
            result.Add(await NextAsync());
        Assert.Equal(id, result[^1].Id);
        return result;
    }

    public async Task<Frame> RunAsync(long id, int function, byte[]? arguments = null, long instance = 0)
    {
        Call(id, function, arguments, instance);
        return (await EndOfAsync(id))[^1];
    }

    public ValueTask CloseAsync() => transport.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync();
        await ExitCode;
        await workerTransport.DisposeAsync();
        pair.Dispose();
    }

    private WorkerFunction Resolve(ReadOnlySpan<byte> descriptor) => functions[new PayloadReader(descriptor).ReadInt32()]
        ?? throw new FunctionUnavailableException("It is not there.", FunctionUnavailableReason.AssemblyMissing, "Plugin");
}
